/** Runs at most so many jobs at a time, in the order in which they were handed in. */
export class Lanes {
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
      // The lane is handed on as it is.
      if (next === undefined) this.#busy -= 1;
      else next();
    }
  }
}
