import { readdirSync } from "node:fs";
import { join } from "node:path";
import { memory } from "@tensorflow/tfjs-core";
import t from "tap";
import { resolveFile } from "../../runners/resolve.js";
import { createSession, loadEngine } from "../../runners/session.js";
import { trainExperiment } from "../../runners/train.js";
import { root } from "../helpers/cli.js";

const cells = readdirSync(join(root, "experiments")).filter((name) => /^(res\d\d|mbv2)-/.test(name));

t.test(
  "each of the nineteen cells trains a few real steps without a NaN and without a tensor too many",
  async (t) => {
    t.equal(cells.length, 19);
    await loadEngine("wasm");
    const runs = t.testdir();
    for (const cell of cells) {
      const { resolved } = await resolveFile(join(root, "experiments", cell), { profiles: ["smoke"] });
      const tensors: number[] = [];
      const losses: number[] = [];
      const session = createSession({
        runs,
        models: join(root, "models"),
        fresh: new Set(),
        signal: new AbortController().signal,
        emit(event) {
          if (event.type !== "step" || event.run !== resolved.name) return;
          tensors.push(memory().numTensors);
          losses.push(event.loss);
        },
      });
      const before = memory().numTensors;
      const record = await trainExperiment(session, resolved);
      t.equal(memory().numTensors, before, `${cell}: nothing is left behind`);
      t.ok(losses.length >= 4 && losses.every(Number.isFinite), `${cell}: losses ${losses}`);
      t.same(new Set(tensors).size, 1, `${cell}: ${tensors} tensors after each step`);
      t.match(record, {
        architecture: /^(resnet|mobilenet)/,
        steps: losses.length,
        environment: { engine: { name: "wasm" } },
      });
    }
  },
);
