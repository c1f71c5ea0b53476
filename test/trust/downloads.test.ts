import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { start } from "../helpers/cli.js";

const CRASH = /N2UQ_INTERNAL|node:internal|^\s+at /m;
type Answer = (asked: IncomingMessage, answer: ServerResponse) => void;

/** Pulls `name` from a server that answers so, and gives up on it after ten seconds. */
async function pull(t: Tap, name: string, answer: Answer, ...options: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "n2uq-"));
  let requests = 0;
  const server = createServer((asked, answering) => {
    requests += 1;
    answer(asked, answering);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
  const { child, done } = start(["weights", "pull", name, "--from", url, ...options], folder);
  const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
  const { code, stdout, stderr } = await done;
  clearTimeout(timer);
  t.notMatch(stdout + stderr, CRASH);
  const models = join(folder, "models");
  return { code, stderr, requests, files: () => readdirSync(models) };
}

type Tap = Pick<typeof import("tap").default, "teardown" | "notMatch">;

t.test("D5: a server that always answers 416 is asked twice at most", async (t) => {
  let left = 50;
  const { code, stderr, requests } = await pull(t, "n2uq:resnet18", (_, answer) => {
    left -= 1;
    answer.writeHead(left > 0 ? 416 : 404, { "content-range": "bytes */7" }).end();
  });
  t.equal(code, 3, stderr);
  t.match(stderr, /N2UQ_WEIGHTS_PULL_FAILED.*416/);
  t.ok(requests <= 2, `${requests}`);
});

t.test("D5: a part that was not requested is rejected", async (t) => {
  const { code, stderr } = await pull(t, "n2uq:resnet18", (_, answer) => {
    const body = Buffer.alloc(100);
    answer.writeHead(206, { "content-range": "bytes 0-99/500", "content-length": "100" }).end(body);
  });
  t.equal(code, 3, stderr);
  t.match(stderr, /N2UQ_WEIGHTS_PULL_FAILED.*206/);
});

t.test("D5: an endless body is stopped at the maximum size", async (t) => {
  const endless: Answer = (_, answer) => {
    answer.writeHead(200);
    const more = () => {
      while (!answer.destroyed && answer.write(Buffer.alloc(65536)));
    };
    answer.on("drain", more);
    more();
  };
  const { code, stderr, files } = await pull(t, "n2uq:resnet18", endless, "--max-bytes", "1000000");
  t.equal(code, 3, stderr);
  t.match(stderr, /N2UQ_WEIGHTS_PULL_FAILED.*1,000,000/);
  t.same(files(), [], "and nothing of it is kept");
});

t.test("D5: a wrong size is rejected before the download", async (t) => {
  const { code, stderr } = await pull(t, "torchvision:resnet18", (_, answer) => {
    answer.writeHead(200, { "content-length": "1000" }).end(Buffer.alloc(1000));
  });
  t.equal(code, 3, stderr);
  t.match(stderr, /N2UQ_WEIGHTS_PULL_FAILED.*1,000 bytes.*46,830,571/);
});

t.test("D5: a compressed body is rejected", async (t) => {
  const { code, stderr } = await pull(t, "n2uq:resnet18", (_, answer) => {
    answer.writeHead(200, { "content-encoding": "gzip" }).end(Buffer.alloc(10));
  });
  t.equal(code, 3, stderr);
  t.match(stderr, /N2UQ_WEIGHTS_PULL_FAILED.*compressed \(gzip\)/);
});
