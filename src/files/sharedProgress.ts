import type { LockProgress } from "./holder.js";

const [LOST, FLAGS_BYTES, NUMBERS] = [0, 8, 4];

/** Why a lock was lost. */
export type Loss = "gone" | "taken";
const LOSSES: readonly (Loss | null)[] = [null, "gone", "taken"];

/**
 * Shared memory of a holder's two threads: the working thread stores the progress; the heartbeat thread
 * stores why the lock was lost.
 */
export class SharedProgress {
  readonly memory: SharedArrayBuffer;
  readonly #flags: Int32Array;
  readonly #numbers: Float64Array;

  constructor(memory = new SharedArrayBuffer(FLAGS_BYTES + 8 * NUMBERS)) {
    this.memory = memory;
    this.#flags = new Int32Array(memory, 0, 2);
    this.#numbers = new Float64Array(memory, FLAGS_BYTES, NUMBERS);
  }

  get loss(): Loss | null {
    return LOSSES[Atomics.load(this.#flags, LOST)] ?? null;
  }

  set loss(loss: Loss | null) {
    Atomics.store(this.#flags, LOST, LOSSES.indexOf(loss));
  }

  /** Null before the first step. */
  get progress(): LockProgress | null {
    const [step = 0, totalSteps = 0, loss = 0, secondsLeft = 0] = this.#numbers;
    return totalSteps === 0 ? null : { step, totalSteps, loss, secondsLeft };
  }

  set progress(progress: LockProgress) {
    const { step, totalSteps, loss, secondsLeft } = progress;
    this.#numbers.set([step, totalSteps, loss, secondsLeft]);
  }
}
