import { spawn } from "node:child_process";
import { join } from "node:path";
import t from "tap";
import { root } from "../helpers/cli.js";

/** A small part of `npm run soak`, always with the same seed: the same moments are drawn. */
const parts: readonly (readonly [name: string, ...args: string[]])[] = [
  ["locks", "--rounds", "10"],
  ["runs", "--engine", "wasm", "--kills", "12"],
  ["sweeps", "--sweep-kills", "3"],
];

for (const [name, ...args] of parts) {
  t.test(`soak: ${name}: nothing is lost, doubled or different`, async (t) => {
    const folder = t.testdir();
    const command = [join(root, "scripts", "soak.js"), name, "--seed", "7", "--folder", folder, ...args];
    const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (piece) => {
        text += piece;
      });
    }
    const code = await new Promise((resolve) => child.on("close", resolve));
    t.equal(code, 0, text);
    t.match(text, /^seed 7,/);
    t.match(text, `✔ ${name}`);
  });
}
