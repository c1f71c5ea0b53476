/** Limits the number of concurrent jobs; runs them in the order of submission. */
export class ConcurrencyLimit {
  readonly #most: number;
  #busy = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  async run<Value>(job: () => Promise<Value>): Promise<Value> {
    if (this.#busy < this.#most) this.#busy += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await job();
    } finally {
      const next = this.#waiting.shift();
      // The next job takes over this job's slot.
      if (next === undefined) this.#busy -= 1;
      else next();
    }
  }
}
