import { memory, tensor } from "@tensorflow/tfjs-core";
import t from "tap";
import { cpu } from "../../src/engines/cpu/engine.js";
import { GradientBuckets } from "../../src/train/buckets.js";
import { mirroredRanks } from "../helpers/mirroredRanks.js";

await cpu.load();

const FOUR_MEGABYTES = 1e6;

/** Adds gradients of so many floats, and notes how many travel in each message. */
function travel(t: Tap, sizes: readonly number[]): number[] {
  const before = memory().numTensors;
  const messages: number[] = [];
  const ranks = mirroredRanks(2);
  const buckets = new GradientBuckets({
    ...ranks,
    startAllReduceMean: (tensors) => {
      messages.push(tensors.length);
      return ranks.startAllReduceMean(tensors);
    },
  });
  for (const [index, size] of sizes.entries()) {
    buckets.add(`g${index}`, tensor(new Float32Array(size).fill(index), [size]));
  }
  const means = buckets.finish();
  t.same(
    [...means].map(([name, mean]) => [name, mean.size, mean.dataSync()[0]]),
    sizes.map((size, index) => [`g${index}`, size, index]),
    "each comes back by its name",
  );
  for (const mean of means.values()) mean.dispose();
  t.equal(memory().numTensors, before, "nothing leaks");
  return messages;
}

type Tap = Pick<typeof t, "same" | "equal">;

t.test("gradients travel together, a message as soon as there are four megabytes", async (t) => {
  t.same(travel(t, [1, 2, 3]), [3], "what is left travels at the end");
  t.same(travel(t, [FOUR_MEGABYTES - 1, 1, 5]), [2, 1]);
  t.same(travel(t, [FOUR_MEGABYTES - 1, 5]), [2]);
  t.same(travel(t, [FOUR_MEGABYTES, 1, FOUR_MEGABYTES]), [1, 2], "no empty message at the end");
  t.same(travel(t, []), []);
});
