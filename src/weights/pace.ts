/**
 * Fewer bytes in the given time are a stall. Without this limit, a server could extend a download forever,
 * byte by byte.
 */
const FEWEST = 64_000;

/** Checks that a response's body arrives fast enough. */
export class Pace {
  readonly #limitMs: number;
  #since = performance.now();
  #bytes = 0;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** @throws Error if too few bytes came */
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
