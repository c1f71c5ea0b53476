/** Fewer bytes in the time that is given are a stall: a server may otherwise hold a download for ever, a byte at a time. */
const FEWEST = 64_000;

/** Watches whether what a body brings comes fast enough. */
export class Pace {
  readonly #limitMs: number;
  #since = performance.now();
  #bytes = 0;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** @throws Error where too little came */
  take(bytes: number): void {
    this.#bytes += bytes;
    const passed = performance.now() - this.#since;
    if (passed <= this.#limitMs) return;
    if (this.#bytes < FEWEST)
      throw new Error(`the server sent ${this.#bytes} bytes in ${Math.round(passed / 1000)} s`);
    this.#since = performance.now();
    this.#bytes = 0;
  }
}
