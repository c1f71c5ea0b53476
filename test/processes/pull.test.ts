import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { join } from "node:path";
import type { Test } from "tap";
import t from "tap";
import { stream } from "../../src/random.js";
import type { PullOptions } from "../../src/weights/pull.js";
import { pull } from "../../src/weights/pull.js";
import type { WeightsSource } from "../../src/weights/sources.js";
import type { Served } from "../helpers/fileServer.js";
import { serve } from "../helpers/fileServer.js";
import { archive, assemble, dict, storage, tensor } from "../helpers/pickles.js";
import { rejection } from "../helpers/weights.js";

/** A PyTorch file of one tensor of noise, about 80 kB. */
function weights(seed: number): Buffer {
  const next = stream(seed, "noise");
  const values = Float32Array.from({ length: 20_000 }, () => next() - 0.5);
  const pickle = assemble(dict([["weight", tensor(storage("0", values.length), [values.length], [1])]]));
  return archive(pickle, { 0: Buffer.from(values.buffer) });
}

const content = weights(1);
const sha256 = createHash("sha256").update(content).digest("hex");

async function setUp(t: Test, rest: Partial<Served> = {}, known: Partial<WeightsSource> = { sha256 }) {
  const served: Served = { content, ...rest };
  const { url, requests, close } = await serve(served);
  t.teardown(close);
  const models = join(t.testdir(), "models");
  const source: WeightsSource = {
    name: "torchvision:net",
    file: "net.pth",
    url,
    page: "https://example.org",
    summary: "",
    ...known,
  };
  const get = (options?: PullOptions) => pull(source, models, options);
  return { served, requests, models, source, get, url, close };
}

/** The file is intact, and there are no other files. */
function isDone(t: Test, models: string, wanted = content): void {
  t.same(readdirSync(models), ["net.pth"], "the file, and no part of it");
  t.ok(readFileSync(join(models, "net.pth")).equals(wanted), "whole");
}

t.test("a file is downloaded once, with progress, and checked", async (t) => {
  const { requests, models, get } = await setUp(t);
  const seen: { done: number; total: number | null }[] = [];
  const pulled = await get({ onProgress: (progress) => seen.push(progress) });
  t.same(pulled, { file: join(models, "net.pth"), sha256, here: false });
  t.same(seen[0], { done: 0, total: content.length });
  t.same(seen.at(-1), { done: content.length, total: content.length });
  isDone(t, models);
  t.equal((await get()).here, true);
  t.equal(requests.length, 1, "the second time nothing is asked for");
});

t.test("a download interrupted at random points resumes", async (t) => {
  const { served, requests, models, get, url } = await setUp(t);
  const next = stream(5, "cuts");
  for (let i = 0; i < 5; i++) {
    served.cutAfter = 1 + Math.floor(next() * 15_000);
    const error = await rejection(get());
    t.equal(error.code, "N2UQ_WEIGHTS_PULL_FAILED", error.message);
    t.match(error.message, `torchvision:net can't be downloaded from ${url}`);
    t.match(error.hint ?? "", /\d+ bytes are kept: run the same command again to resume/);
  }
  served.cutAfter = undefined;
  await get();
  isDone(t, models);
  t.ok(
    requests.slice(1).every(({ range }) => range?.startsWith("bytes=")),
    "each but the first asks for the rest",
  );
  t.ok((requests.at(-1)?.sent ?? 0) < content.length, "the last call brings the rest alone");
});

t.test("a server that knows no ranges, and one that names no content, end well too", async (t) => {
  for (const rest of [{ ignoresRange: true }, { etag: null }, { etag: 'W/"weak"' }]) {
    await t.test(JSON.stringify(rest), async (t) => {
      const { served, models, get } = await setUp(t, { ...rest, cutAfter: 30_000 });
      await rejection(get());
      served.cutAfter = undefined;
      await get();
      isDone(t, models);
    });
  }
});

t.test("the download of a file that changed on the server starts over", async (t) => {
  const { served, models, get } = await setUp(t, { content: weights(2), cutAfter: 30_000 });
  await rejection(get());
  served.cutAfter = undefined;
  served.content = content;
  await get();
  isDone(t, models);
});

t.test("two halves of different files are found out, and the next call completes", async (t) => {
  const { served, models, get } = await setUp(t, {
    content: weights(2),
    cutAfter: 30_000,
    ignoresCondition: true,
  });
  await rejection(get());
  served.cutAfter = undefined;
  served.content = content;
  const error = await rejection(get());
  t.equal(error.code, "N2UQ_WEIGHTS_CHECKSUM");
  t.same(readdirSync(models), [], "what is wrong is removed");
  await get();
  isDone(t, models);
});

t.test("a wrong checksum leaves nothing; eight known digits are compared", async (t) => {
  const { served, models, get } = await setUp(t, { content: weights(2) }, { sha256: sha256.slice(0, 8) });
  const error = await rejection(get());
  t.equal(error.code, "N2UQ_WEIGHTS_CHECKSUM");
  t.match(error.message, `expected ${sha256.slice(0, 8)}…`);
  t.same(readdirSync(models), []);
  served.content = content;
  await get();
  isDone(t, models);
});

t.test("a complete partial file, and one that is too long", async (t) => {
  for (const extra of [0, 100]) {
    await t.test(`${extra} bytes too many`, async (t) => {
      const { models, get, url } = await setUp(t);
      await mkdir(models, { recursive: true });
      writeFileSync(join(models, "net.pth.part"), Buffer.concat([content, Buffer.alloc(extra)]));
      writeFileSync(join(models, "net.pth.part.json"), JSON.stringify({ url, validator: null }));
      await get();
      isDone(t, models);
    });
  }
});

t.test("a partial file without its record, or from another URL, starts over", async (t) => {
  for (const record of ["", "{", '{"url":"http://elsewhere/x","validator":null}', "null"]) {
    await t.test(record || "none", async (t) => {
      const { models, get } = await setUp(t);
      await mkdir(models, { recursive: true });
      writeFileSync(join(models, "net.pth.part"), "something else");
      writeFileSync(join(models, "net.pth.part.json"), record);
      await get();
      isDone(t, models);
    });
  }
});

t.test("no network, and a server that has no such file", async (t) => {
  const { served, models, get, source } = await setUp(t, { status: 404 });
  t.match((await rejection(get())).message, /the server answers 404/);
  served.status = 503;
  t.match((await rejection(get())).message, /the server answers 503/);
  const gone = await serve({ content });
  gone.close();
  const refused = await rejection(pull({ ...source, url: gone.url }, models));
  t.match(refused.message, /no server answers \(ECONNREFUSED\)/);
  t.match(refused.hint ?? "", `Nothing was kept. Or download the file by hand to ${join(models, "net.pth")}`);
  const unknown = await rejection(pull({ ...source, url: "http://host.invalid/net.pth" }, models));
  t.equal(unknown.code, "N2UQ_WEIGHTS_PULL_FAILED", unknown.message);
  t.match((await rejection(get({ from: "not an address" }))).code, "N2UQ_WEIGHTS_PULL_FAILED");
  delete served.status;
  await get();
  isDone(t, models);
});

t.test("an interrupted download says so and is completed by the next call", async (t) => {
  const { served, models, get } = await setUp(t, { slowly: true });
  const controller = new AbortController();
  const onProgress = ({ done }: { done: number }) => {
    if (done > 20_000) controller.abort();
  };
  const error = await rejection(get({ signal: controller.signal, onProgress }));
  t.equal(error.code, "N2UQ_WEIGHTS_INTERRUPTED");
  t.equal(error.exitCode, 130);
  served.slowly = false;
  await get();
  isDone(t, models);
});

t.test("a page that asks to sign in is no weights file", async (t) => {
  const { served, models, get } = await setUp(t, { content: Buffer.from("<html>Sign in</html>") }, {});
  const error = await rejection(get());
  t.equal(error.code, "N2UQ_WEIGHTS_FORMAT");
  t.match(error.message, /web page/);
  t.same(readdirSync(models), []);
  served.content = content;
  t.equal((await get()).sha256, sha256);
});

t.test("a damaged file under the owners' name is replaced; the user's own is left alone", async (t) => {
  const { models, get } = await setUp(t);
  await mkdir(models, { recursive: true });
  writeFileSync(join(models, "net.pth"), content.subarray(0, 1000));
  await get();
  isDone(t, models);
  writeFileSync(join(models, "torchvision-net.pth"), "mine");
  t.match(await get(), { file: join(models, "torchvision-net.pth"), here: true });
});

t.test("weights that owners offer on a page need a download by hand, or another URL", async (t) => {
  const { models, source, url, requests } = await setUp(t);
  const { url: _, ...byHand } = source;
  const error = await rejection(pull(byHand, models));
  t.equal(error.code, "N2UQ_WEIGHTS_BY_HAND");
  t.match(
    error.hint ?? "",
    `Download net.pth from https://example.org and put it at ${join(models, "net.pth")}`,
  );
  await pull(byHand, models, { from: new URL("mirror/", url).href });
  t.equal(requests[0]?.path, "/mirror/net.pth");
  isDone(t, models);
});

t.test("a mirror from the environment comes before the owners' address", async (t) => {
  const { get, models, url, requests } = await setUp(t);
  t.intercept(process, "env", { value: { ...process.env, N2UQ_WEIGHTS_MIRROR: new URL("m", url).href } });
  await get();
  t.equal(requests[0]?.path, "/m/net.pth");
  isDone(t, models);
});

t.test("a proxy of the environment is used, but for hosts that no_proxy names", async (t) => {
  const { get, models, url } = await setUp(t);
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on("connect", (request, socket, head) => {
    asked.push(request.url ?? "");
    const [host, port] = (request.url ?? "").split(":");
    const through = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      through.write(head);
      through.pipe(socket).pipe(through);
    });
    socket.on("error", () => through.destroy());
    through.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  t.teardown(() => proxy.close());
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const env = { ...process.env, no_proxy: "", NO_PROXY: "", http_proxy: address };
  t.intercept(process, "env", { value: env });
  await get();
  t.same(asked, [new URL(url).host]);
  isDone(t, models);
  rmSync(join(models, "net.pth"));
  t.intercept(process, "env", { value: { ...env, no_proxy: "example.org, 127.0.0.1" } });
  await get();
  t.equal(asked.length, 1);
});

/** Whether a file system of a few bytes can be made here. */
function canMount(folder: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=48k", "tmpfs", folder], { stdio: "ignore" });
    execFileSync("umount", [folder]);
    return true;
  } catch {
    return false;
  }
}

const skip = canMount(t.testdir()) ? false : "needs the right to mount a small file system";

t.test(
  "a full disk is an error, and the downloaded bytes are kept for the next call",
  { skip },
  async (t) => {
    const { models, get } = await setUp(t);
    await mkdir(models, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=48k", "tmpfs", models]);
    t.teardown(() => {
      execFileSync("umount", [models]);
    });
    const error = await rejection(get());
    t.equal(error.code, "N2UQ_WEIGHTS_PULL_FAILED");
    t.match(error.message, /no space is left on the disk \(ENOSPC\)/);
    t.match(error.hint ?? "", /bytes are kept/);
    execFileSync("mount", ["-o", "remount,size=1m", models]);
    await get();
    isDone(t, models);
  },
);
