import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { readResults } from "../../bench/stepResults.js";
import { root } from "../helpers/root.js";

/** Instead of Python: answers like bench/step.py. With `hang`, the peer `compiled` never ends its first step. */
const PYTHON = `#!/usr/bin/env node
const { existsSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const [, role, name, folder, threads, device, peer] = process.argv.slice(2);
if (role === "version") console.log("PyTorch 0.0");
else {
  if (!existsSync(join(folder, "weights.safetensors"))) throw new Error("no weights");
  console.log(["ready", threads, device, "PyTorch 0.0"].join(" "));
  let steps = 0;
  require("node:readline").createInterface({ input: process.stdin }).on("line", () => {
    if (peer === "compiled" && existsSync(join(__dirname, "hang"))) writeFileSync(join(__dirname, "hangs"), "");
    else console.log(String(10 + steps++) + " 2.5");
  });
}
`;
const SOURCE = ["--import", join(root, "scripts/source/register.js")];

t.test("bench:step goes on where it was killed, and bench:table prints what it measured", async (t) => {
  const folder = t.testdir({ hang: "" });
  const [python, file] = [join(folder, "python.cjs"), join(folder, "results", "step.jsonl")];
  writeFileSync(python, PYTHON);
  chmodSync(python, 0o755);
  const options = {
    cwd: root,
    env: {
      ...process.env,
      ...{ N2UQ_PYTHON: python, RESULTS: file, ENGINES: "cpu", BATCH: "2", ROUNDS: "1" },
      ...{ CASES: "quickstart-w2a2-16-lsq", PEERS: "eager,compiled,full-precision" },
    },
  };
  const killed = spawn(process.execPath, [...SOURCE, "bench/step.ts"], { ...options, stdio: "ignore" });
  while (!existsSync(join(folder, "hangs")) && killed.exitCode === null) await sleep(50);
  killed.kill("SIGKILL");
  await once(killed, "close");
  const before = readResults(file);
  t.match(before, [
    { case: "quickstart-w2a2-16-lsq", peer: "eager", theirs: { times: [11], losses: [2.5, 2.5] } },
  ]);

  unlinkSync(join(folder, "hang"));
  const second = spawnSync(process.execPath, [...SOURCE, "bench/step.ts"], { ...options, encoding: "utf8" });
  t.equal(second.status, 0, second.stderr);
  t.match(second.stderr, /quickstart-w2a2-16-lsq, eager: measured 20/);
  t.match(
    second.stdout,
    /the quickstart's network \| LSQ W2A2 \| 16 \| 2 \| float32 \| PyTorch 0\.0: compiled/,
  );
  const after = readResults(file);
  t.same(after.slice(0, 1), before, "the first comparison is not measured again");
  t.same(
    after.map(({ peer }) => peer),
    ["eager", "compiled", "full-precision"],
  );
  t.ok(after.every(({ ours }) => ours.peakMb > 20 && ours.times.length === 1));

  const table = spawnSync(process.execPath, [...SOURCE, "bench/stepTable.ts"], {
    ...options,
    encoding: "utf8",
  });
  t.equal(table.stdout.trimEnd().split("\n").length, 5, table.stderr);
  t.notMatch(table.stderr, /other code/);
  const line = readFileSync(file, "utf8").split("\n")[0]!;
  writeFileSync(file, `${line.replace(/"code":"\w+"/, '"code":"0"')}\n`);
  const old = spawnSync(process.execPath, [...SOURCE, "bench/stepTable.ts"], {
    ...options,
    encoding: "utf8",
  });
  t.match(old.stderr, /1 of 1 results are of other code/);
});
