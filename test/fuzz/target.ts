import type { stream } from "../../src/random.js";

/** Uniform random numbers in [0, 1); an input depends only on them. */
export type Random = ReturnType<typeof stream>;

/** One input and the function that reads it. */
export interface FuzzInput {
  /** How it was made: `zip_state_dict.pth, 3 bytes flipped`. */
  readonly label: string;
  /** Content to save if there is a finding. */
  readonly content: string | Uint8Array;
  /** Reads the input. A coded error is a correct answer; any other error is a finding. */
  run(): Promise<unknown>;
}

/** A target; `test/fuzz/targets/NAME.ts` exports one as `target`. */
export interface FuzzTarget {
  readonly description: string;
  /** Called once in each process, with an empty folder. */
  prepare?(folder: string): Promise<void>;
  /** The next input; writes its files to `folder` and overwrites those of the previous input. */
  input(random: Random, folder: string): FuzzInput | Promise<FuzzInput>;
}

/** An integer in [low, high]. */
export function between(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** One of the values. @throws RangeError for an empty list */
export function pick<Value>(random: Random, values: readonly Value[]): Value {
  const value = values[between(random, 0, values.length - 1)];
  if (value === undefined) throw new RangeError("nothing to pick from");
  return value;
}

/** A copy with a few bytes flipped, removed, repeated, or overwritten by numbers that often cause faults. */
export function mutate(random: Random, original: Uint8Array): Buffer {
  let bytes = Buffer.from(original);
  for (let count = between(random, 1, 4); count > 0 && bytes.length > 0; count -= 1) {
    const at = between(random, 0, bytes.length - 1);
    const length = between(random, 1, Math.min(64, bytes.length - at));
    const change = between(random, 0, 5);
    if (change <= 1) bytes[at] = (bytes[at] ?? 0) ^ between(random, 1, 255);
    else if (change === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    else if (change === 3) bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    else if (change === 4) bytes = bytes.subarray(0, at);
    else bytes.fill(pick(random, [0, 0xff, 0x7f, 0x80, 0x30, 0x20]), at, at + length);
  }
  return bytes;
}
