/** A function of native/wasm. Its last two arguments are the first and the end of the items that it computes. */
export type OwnFunction = (...values: readonly number[]) => void;

/** The memory that the threads of a team share: the words of the protocol, and the job. */
export interface Shared {
  readonly words: Int32Array;
  /** Index of the function, items, pieces, number of arguments, arguments. */
  readonly job: Float64Array;
}

/** Words: the number of the job and of its next piece; a count of jobs, to wake threads; the finished pieces. */
export const TICKET = 0;
export const JOBS = 1;
export const DONE = 2;

/** The ticket's lower bits are the next piece, the others the job. The last number means that there is no piece. */
export const PIECE_BITS = 12;
export const NO_PIECE = (1 << PIECE_BITS) - 1;

const WORDS_BYTES = 16;
const MOST_ARGUMENTS = 28;
const HEADER = 4;

/** @param memory the memory of an existing team */
export function sharedBy(
  memory = new SharedArrayBuffer(WORDS_BYTES + 8 * (HEADER + MOST_ARGUMENTS)),
): Shared & { readonly memory: SharedArrayBuffer } {
  const words = new Int32Array(memory, 0, WORDS_BYTES / 4);
  return { memory, words, job: new Float64Array(memory, WORDS_BYTES) };
}

export function writeJob({ job }: Shared, ...numbers: readonly number[]): void {
  job.set(numbers);
}

/**
 * Computes pieces of the current job until none is left. A thread that was late cannot take a piece of a job
 * that it has not read: every change of the job first changes the ticket.
 */
export function takePieces({ words, job }: Shared, functions: readonly OwnFunction[]): void {
  for (;;) {
    const ticket = Atomics.load(words, TICKET);
    const piece = ticket & NO_PIECE;
    const [which = 0, items = 0, pieces = 0, count = 0] = job;
    if (piece === NO_PIECE || piece >= pieces) return;
    const values = job.slice(HEADER, HEADER + count);
    if (Atomics.compareExchange(words, TICKET, ticket, ticket + 1) !== ticket) continue;
    try {
      const [first, end] = [piece, piece + 1].map((n) => Math.floor((items * n) / pieces));
      functions[which]?.(...values, first ?? 0, end ?? 0);
    } finally {
      if (Atomics.add(words, DONE, 1) + 1 === pieces) Atomics.notify(words, DONE);
    }
  }
}

/** Waits until a word has another value than `value`: first in a loop of some microseconds, then asleep. */
export function waitForChange(words: Int32Array, word: number, value: number): void {
  for (let turn = 0; turn < TURNS; turn++) if (Atomics.load(words, word) !== value) return;
  Atomics.wait(words, word, value);
}

const TURNS = 2000;
