/** Fewer bytes in the time that is given are a stall: a server may otherwise hold a download for ever, a byte at a time. */
const FEWEST = 64_000;

/** Hands on what a body brings while it comes fast enough. */
export class Pace {
  readonly #limitMs: number;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** @throws Error where too little comes */
  async *watch(body: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<Uint8Array, void> {
    let [since, bytes] = [performance.now(), 0];
    for await (const piece of body) {
      const found = piece as Uint8Array;
      bytes += found.length;
      const now = performance.now();
      if (now - since > this.#limitMs) {
        if (bytes < FEWEST)
          throw new Error(`the server sent ${bytes} bytes in ${Math.round((now - since) / 1000)} s`);
        [since, bytes] = [now, 0];
      }
      yield found;
    }
  }
}
