import { setBackend } from "@tensorflow/tfjs-core";

/** A computation to time on one backend. */
export interface Case {
  readonly backend: "wasm" | "cpu";
  /** Number of measurements after a warm-up run; a slow computation is timed once, without warm-up. */
  readonly repetitions: number;
  run(): void;
}

/**
 * Median wall milliseconds of each case. Cases alternate, so that a temporary slowdown of the machine affects
 * all of them.
 */
export async function alternating(cases: readonly Case[]): Promise<number[]> {
  const times = cases.map((): number[] => []);
  const rounds = Math.max(...cases.map(({ repetitions }) => repetitions));
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { backend, repetitions, run }] of cases.entries()) {
      const cold = repetitions === 1;
      if (round > repetitions || (cold && round > 0)) continue;
      await setBackend(backend);
      const start = performance.now();
      run();
      if (cold || round > 0) times[index]?.push(performance.now() - start);
    }
  }
  return times.map(median);
}

/** The median; NaN for an empty list. */
export function median(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** One row: the case, our time, the other time, their ratio, and whether it reaches the target. */
export function row(what: string, ours: number, theirs: number, target: number): string {
  const ratio = theirs / ours;
  const milliseconds = [ours, theirs].map((time) => `${time.toFixed(1).padStart(9)} ms`).join("");
  const verdict = `${ratio >= target ? "reaches" : "misses"} ${target}×`;
  return `${what.padEnd(40)}${milliseconds}${ratio.toFixed(1).padStart(8)}×  ${verdict}`;
}
