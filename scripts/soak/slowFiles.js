// Loaded before lockWorker.js (`--import`). Adds a random delay before each file call, sets another host name
// (SOAK_HOST), and simulates a file system without hard links (SOAK_LINKS=none). The code of the lock is
// unchanged.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import os from "node:os";
import { drawer } from "./shared.js";

const { SOAK_SEED = "1", SOAK_DELAY_MS = "0", SOAK_HOST, SOAK_LINKS } = process.env;
const draw = drawer(Number(SOAK_SEED) * 7919 + process.pid);
const cell = new Int32Array(new SharedArrayBuffer(4));
const delay = () => {
  const ms = Number(SOAK_DELAY_MS) * draw() ** 3;
  if (ms > 0.05) Atomics.wait(cell, 0, 0, ms);
};

for (const name of [
  "openSync",
  "writeSync",
  "linkSync",
  "renameSync",
  "rmSync",
  "readFileSync",
  "statSync",
  "fsyncSync",
]) {
  const call = fs[name];
  fs[name] = (...given) => {
    delay();
    if (name === "linkSync" && SOAK_LINKS === "none")
      throw Object.assign(new Error("EPERM: operation not permitted, link"), {
        code: "EPERM",
        syscall: "link",
      });
    return call(...given);
  };
}
// The same for asynchronous file calls, which the lock of older versions used.
const slowly =
  (call) =>
  async (...given) => {
    await new Promise((resolve) => setTimeout(resolve, Number(SOAK_DELAY_MS) * draw() ** 3));
    return call(...given);
  };
for (const name of ["open", "readFile", "writeFile", "rename", "rm"]) {
  const call = slowly(fs.promises[name]);
  fs.promises[name] = async (...given) => {
    const found = await call(...given);
    if (name === "open") found.writeFile = slowly(found.writeFile.bind(found));
    return found;
  };
}
if (SOAK_HOST !== undefined) os.hostname = () => SOAK_HOST;
syncBuiltinESMExports();
