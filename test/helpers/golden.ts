import { readFileSync } from "node:fs";
import type { Tensor } from "@tensorflow/tfjs-core";
import t from "tap";
import { engines } from "../../src/engines/engines.js";
import type { EngineName } from "../../src/engines/types.js";
import { withoutTensorflow } from "./tensorflow.js";
import { withoutTorch } from "./torch.js";

/** A file of golden data, produced with PyTorch (see its README in test/fixtures). */
export function golden<Data>(name: string): Data {
  const file = new URL(`../fixtures/golden/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as Data;
}

/** The part of tap's test that helpers use. */
export type Tap = Pick<typeof t, "ok" | "equal" | "same">;

/** For engines that need an installation: the reason why tests skip the engine, or false. */
const without: Partial<Record<EngineName, string | false>> = {
  tensorflow: withoutTensorflow,
  torch: withoutTorch,
};

/** Runs the same test on every engine that is available on this machine. */
export function onEveryEngine(name: string, test: (t: Tap, engine: EngineName) => Promise<void>): void {
  for (const engine of Object.values(engines)) {
    t.test(`${name} on ${engine.name}`, { skip: without[engine.name] ?? false }, async (t) => {
      await engine.load();
      await test(t, engine.name);
    });
  }
}

/** The largest difference, relative to the largest wanted magnitude; NaN counts as infinite. */
export function relativeError(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (found.length !== wanted.length) return Number.POSITIVE_INFINITY;
  let [worst, scale] = [0, 1e-30];
  for (let i = 0; i < wanted.length; i++) {
    const difference = Math.abs((found[i] ?? Number.NaN) - (wanted[i] ?? Number.NaN));
    if (!(difference <= worst)) worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    scale = Math.max(scale, Math.abs(wanted[i] ?? 0));
  }
  return worst / scale;
}

/** Asserts that a tensor or list agrees with the wanted numbers. */
export function agrees(
  t: Tap,
  found: Tensor | ArrayLike<number>,
  wanted: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  const values = "dataSync" in found ? found.dataSync() : found;
  const error = relativeError(values, wanted);
  t.ok(error <= tolerance, `${what}: relative error ${error.toExponential(1)} ≤ ${tolerance}`);
}
