import { setTimeout as wait } from "node:timers/promises";
import { dispose, tensor1d } from "@tensorflow/tfjs-core";
import type { ProcessGroup } from "../engines/ranks.js";
import { N2uqError } from "../errors.js";
import type { Metrics } from "../runs/record.js";
import type { TrainState } from "./step.js";
import { replace } from "./store.js";

const POLL_MS = 20;
const NO_METRICS: Metrics = { loss: Number.NaN, top1: Number.NaN, top5: Number.NaN };

/** Sums numbers over the ranks. */
export function sumNumbers(ranks: ProcessGroup, numbers: readonly number[]): number[] {
  const own = tensor1d([...numbers], "float32");
  const sums = ranks.allReduceSum(own);
  const values = Array.from(sums.dataSync());
  dispose([own, sums]);
  return values;
}

/**
 * Broadcasts rank 0's initial state. @throws N2uqError N2UQ_RANKS_LOST if the ranks start at different steps,
 * because they read different checkpoints
 */
export function broadcastInitialState(ranks: ProcessGroup, state: TrainState): void {
  const [steps] = sumNumbers(ranks, [state.step]);
  if (steps !== state.step * ranks.world) {
    const how = `begins at another step than rank ${ranks.rank} (step ${state.step})`;
    throw new N2uqError("N2UQ_RANKS_LOST", { who: "another rank", how });
  }
  const floats = [...state.store].filter(([, { dtype }]) => dtype === "float32");
  const values = ranks.broadcast(floats.map(([, value]) => value));
  for (const [index, [name]] of floats.entries()) {
    const value = values[index];
    if (value !== undefined) replace(state.store, name, value);
  }
}

/** Validates on rank 0. The other ranks wait and get NaN metrics. */
export async function validateOnRankZero(
  ranks: ProcessGroup,
  step: number,
  validate: () => Promise<Metrics>,
): Promise<Metrics> {
  const key = `validated/${step}`;
  if (ranks.rank === 0) {
    const metrics = await validate();
    await ranks.set(key);
    return metrics;
  }
  while (!(await ranks.has(key))) await wait(POLL_MS);
  return NO_METRICS;
}
