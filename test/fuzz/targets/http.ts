import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { pull } from "../../../src/weights/pull.js";
import type { FuzzTarget, Random } from "../target.js";
import { between, mutate, pick } from "../target.js";

/**
 * Answers of the server on 127.0.0.1, one per request; the last answer is repeated for all further requests.
 */
let script: readonly Buffer[][] = [];
let asked = 0;
let port = 0;

const BODY = Buffer.alloc(3000, "weights ");
const STATUSES = [
  "200 OK",
  "200 OK",
  "200 OK",
  "206 Partial Content",
  "206 Partial Content",
  "204 No Content",
  "301 Moved",
  "302 Found",
  "304 Not Modified",
  "401 No",
  "416 No",
  "416 No",
  "500 Broken",
  "100 Continue",
  "999 What",
];

function headers(random: Random): string[] {
  const [start, end, total] = [
    pick(random, [0, 1000, 1000, 2999, 5e9]),
    pick(random, [999, 2999, 2999, 1e15]),
    pick(random, ["3000", "3000", "*", "0", "-1", "99999999999999999999"]),
  ];
  const some: readonly (() => string)[] = [
    () =>
      `content-length: ${pick(random, ["3000", "2000", "0", "-1", "1e3", "99999999999", "3000, 3000", ""])}`,
    () => `content-range: ${pick(random, ["bytes", "bytes", "", "lines"])} ${start}-${end}/${total}`,
    () => `content-range: bytes */${total}`,
    () => "transfer-encoding: chunked",
    () => `content-encoding: ${pick(random, ["gzip", "br", "identity", "x"])}`,
    () => `etag: ${pick(random, ['"a"', 'W/"a"', "", '"b"'])}`,
    () =>
      `location: ${pick(random, ["/x", "/y", `http://127.0.0.1:${port}/z`, "file:///etc/hosts", "http://", "//"])}`,
    () => `x-long: ${"y".repeat(between(random, 0, 20000))}`,
    () => "connection: close",
  ];
  return Array.from({ length: between(random, 0, 5) }, () => pick(random, some)());
}

function answer(random: Random): Buffer[] {
  const head = `HTTP/1.1 ${pick(random, STATUSES)}\r\n${headers(random).join("\r\n")}\r\n\r\n`;
  const body = pick(random, [
    BODY,
    BODY.subarray(1000),
    gzipSync(BODY),
    Buffer.alloc(0),
    Buffer.alloc(100_000),
    Buffer.from("5\r\nabcde\r\n0\r\n\r\n"),
  ]);
  const whole = Buffer.concat([Buffer.from(head.replace("\r\n\r\n\r\n", "\r\n\r\n")), body]);
  const sent = between(random, 0, 5) === 0 ? mutate(random, whole) : whole;
  const cut = between(random, 0, 4) === 0 ? between(random, 0, sent.length) : sent.length;
  const middle = between(random, 0, cut);
  return [sent.subarray(0, middle), sent.subarray(middle, cut)];
}

async function speak(socket: Socket): Promise<void> {
  const pieces = script[Math.min(asked, script.length - 1)] ?? [];
  asked += 1;
  for (const piece of pieces) {
    if (!socket.destroyed) socket.write(piece);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  socket.end();
}

export const target: FuzzTarget = {
  description: "a server on 127.0.0.1 that answers a download with arbitrary data",
  async prepare() {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.once("data", () => void speak(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
  },
  input(random, folder) {
    asked = 0;
    script = Array.from({ length: between(random, 1, 3) }, () => answer(random));
    const models = join(folder, "models");
    const url = `http://127.0.0.1:${port}/x`;
    const kept = between(random, 0, 1) === 0;
    const known = pick(random, [{}, {}, { bytes: 3000 }, { bytes: 10 }]);
    const run = async () => {
      rmSync(models, { recursive: true, force: true });
      if (kept) {
        mkdirSync(models);
        writeFileSync(join(models, "x.pth.part"), BODY.subarray(0, 1000));
        writeFileSync(join(models, "x.pth.part.json"), JSON.stringify({ url, validator: '"a"' }));
      }
      const source = { name: "fuzz:x", file: "x.pth", url, page: "", summary: "", ...known };
      const ended = pull(source, models, { maxBytes: 50_000, stallMs: 500 });
      await ended.catch(() => undefined);
      if (asked > 25) throw new Error(`${asked} requests`);
      return ended;
    };
    const content = Buffer.concat(script.flat());
    return { label: `${script.length} answers${kept ? ", with a partial file" : ""}`, content, run };
  },
};
