import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Test } from "tap";
import t from "tap";
import type { DownloadOptions } from "../../src/weights/download.js";
import { download } from "../../src/weights/download.js";

const content = Buffer.from("0123456789".repeat(20));
const etag = '"one"';

type Answer = (asked: IncomingMessage, answer: ServerResponse) => void;

/** The end of a download of a file that has `here` bytes already. */
async function outcome(t: Test, answer: Answer, here = 0, options: DownloadOptions = {}) {
  let requests = 0;
  const server = createServer((asked, answering) => {
    requests += 1;
    answer(asked, answering);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
  const folder = join(t.testdir({}), "models");
  mkdirSync(folder);
  const part = join(folder, "x.part");
  if (here > 0) {
    writeFileSync(part, content.subarray(0, here));
    writeFileSync(`${part}.json`, JSON.stringify({ url, validator: etag }));
  }
  const said = await download(url, part, options).then(
    () => (readFileSync(part).equals(content) ? "done" : "wrong bytes"),
    (error: Error) => error.message,
  );
  server.closeAllConnections();
  server.close();
  return { said, requests, files: readdirSync(folder) };
}

const head = { etag };
const send =
  (status: number, headers: Record<string, string>, body: Buffer = content): Answer =>
  (_, answer) =>
    answer.writeHead(status, { ...head, ...headers }).end(body);

t.test("responses are checked against the request", async (t) => {
  const rest = content.subarray(50);
  const cases: readonly (readonly [what: string, answer: Answer, here: number, said: RegExp])[] = [
    ["all of it", send(200, {}), 0, /^done$/],
    ["the rest", send(206, { "content-range": "bytes 50-199/200" }, rest), 50, /^done$/],
    ["the rest, of a size unsaid", send(206, { "content-range": "bytes 50-199/*" }, rest), 50, /^done$/],
    ["all of it in place of the rest", send(200, {}), 50, /^done$/],
    ["another beginning", send(206, { "content-range": "bytes 40-199/200" }, rest), 50, /from 40;.*from 50/],
    ["another end", send(206, { "content-range": "bytes 50-99/200" }, rest), 50, /another range/],
    [
      "an end before its beginning",
      send(206, { "content-range": "bytes 50-9/10" }, rest),
      50,
      /another range/,
    ],
    ["no range", send(206, {}, rest), 50, /without saying which/],
    ["a range of letters", send(206, { "content-range": "bytes a-b/c" }, rest), 50, /without saying which/],
    [
      "another length",
      send(206, { "content-range": "bytes 50-199/200", "content-length": "20" }, rest.subarray(0, 20)),
      50,
      /announces 20 bytes/,
    ],
    [
      "a part unasked for",
      send(206, { "content-range": "bytes 0-199/200" }),
      0,
      /206.*the entire file was requested/,
    ],
    ["no content", send(204, {}, Buffer.alloc(0)), 0, /204/],
    ["a page of errors", send(500, {}), 0, /500/],
  ];
  for (const [what, answer, here, said] of cases) t.match((await outcome(t, answer, here)).said, said, what);
});

t.test("a 416 response restarts the download once", async (t) => {
  const always = await outcome(t, send(416, { "content-range": "bytes */7" }), 50);
  t.match(always.said, /416/);
  t.equal(always.requests, 2);
  const once = await outcome(
    t,
    (asked, answer) => send(asked.headers.range === undefined ? 200 : 416, {})(asked, answer),
    50,
  );
  t.same([once.said, once.requests], ["done", 2]);
  const complete = await outcome(t, send(416, { "content-range": "bytes */200" }), 200);
  t.same([complete.said, complete.requests], ["done", 1]);
});

t.test("sizes: known, allowed, lied about", async (t) => {
  const chunked: Answer = (_, answer) => answer.writeHead(200, head).end(content);
  t.match(
    (await outcome(t, send(200, { "content-length": "200" }), 0, { bytes: 300 })).said,
    /has 200 bytes, the file has 300/,
  );
  t.match(
    (await outcome(t, send(200, { "content-length": "200" }), 0, { maxBytes: 100 })).said,
    /200 bytes are more than the limit of 100/,
  );
  const { said, files } = await outcome(t, chunked, 0, { maxBytes: 100 });
  t.match(said, /more than 100 bytes/);
  t.same(files, [], "nothing of it is kept");
  t.equal((await outcome(t, chunked, 0, { bytes: 200 })).said, "done");
  const short: Answer = (_, answer) => {
    answer.writeHead(200, { ...head, "content-length": "300" }).write(content);
    setTimeout(() => answer.destroy(), 50);
  };
  t.not((await outcome(t, short)).said, "done");
});

t.test("a circle of redirects ends", async (t) => {
  const { said, requests } = await outcome(t, (_, answer) => answer.writeHead(302, { location: "/x" }).end());
  t.match(said, /302|redirect loop/i);
  t.ok(requests < 20, `${requests}`);
});

t.test("a redirect to another place, also on another server, is followed", async (t) => {
  const other = createServer((asked, answer) => {
    if (asked.url === "/y") answer.writeHead(307, { location: "/z" }).end();
    else
      send(
        asked.headers.range === "bytes=50-" ? 206 : 500,
        { "content-range": "bytes 50-199/200" },
        content.subarray(50),
      )(asked, answer);
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/y`;
  const { said } = await outcome(t, (_, answer) => answer.writeHead(302, { location }).end(), 50);
  other.closeAllConnections();
  other.close();
  t.equal(said, "done");
});

t.test("a server that sends a byte at a time is given up", async (t) => {
  const drip: Answer = (_, answer) => {
    answer.writeHead(200, head);
    const timer = setInterval(() => answer.write("x"), 5);
    answer.on("close", () => clearInterval(timer));
  };
  t.match((await outcome(t, drip, 0, { stallMs: 100 })).said, /the server sent \d+ bytes in/);
});
