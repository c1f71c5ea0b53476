/** Trains an experiment, given as an object, on synthetic images, then evaluates its best weights again. */
import { type Experiment, evaluate, plan, train } from "n2uq";

const experiment: Experiment = {
  name: "from-code",
  architecture: {
    family: "stages",
    stem: { kernel: 3, stride: 2, channels: 8 },
    stages: [
      { block: "basic", channels: 8, blocks: 1 },
      { block: "basic", channels: 16, blocks: 1, stride: 2 },
    ],
  },
  quantization: { method: "lsq", bits: 3 },
  data: { dataset: "synthetic", trainLimit: 256, testLimit: 64 },
  training: { steps: 20, batchSize: 32, optimizer: { kind: "adam", lr: 2e-3 } },
};

const { totals, hash } = await plan(experiment);
console.log(`${totals.parameters} parameters, ${totals.bitOps} BitOPs, hash ${hash.slice(0, 8)}`);

const run = await train(experiment, {
  runs: "runs",
  onEvent(event) {
    if (event.type === "epoch") console.log(`epoch ${event.epoch}: top-1 ${event.validation.top1} %`);
  },
});
console.log(`best top-1 ${run.record.best.top1} % after ${run.record.steps} steps`);

const measured = await evaluate(run.directory, { runs: "runs" });
console.log(`measured ${measured.top1} % on ${measured.images} images`);
