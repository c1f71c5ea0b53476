/** Thrown if the pickle continues after the available bytes. */
export class PickleEnd extends Error {}

/** Thrown if the pickle violates the format. */
export class PickleFault extends Error {}

const LONGEST_LINE = 4096;
const text = new TextDecoder("utf-8");

/** Reads the bytes of a pickle. Checks lengths against the available bytes before using them. */
export class PickleReader {
  position: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = position;
  }

  get left(): number {
    return this.#bytes.length - this.position;
  }

  /** Advances and returns the previous position. */
  #take(count: number): number {
    if (count > this.left) throw new PickleEnd();
    this.position += count;
    return this.position - count;
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  uint64(): number {
    const value = this.#view.getBigUint64(this.#take(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new PickleFault(`a length of ${value} bytes`);
    return Number(value);
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  /** A view of the next bytes, not a copy. */
  bytes(count: number): Uint8Array {
    const from = this.#take(count);
    return this.#bytes.subarray(from, from + count);
  }

  string(count: number): string {
    return text.decode(this.bytes(count));
  }

  latin1(count: number): string {
    return Buffer.from(this.bytes(count)).toString("latin1");
  }

  /** Text up to the next line feed, without it. */
  line(): string {
    const end = this.#bytes.indexOf(10, this.position);
    if (end < 0 && this.left <= LONGEST_LINE) throw new PickleEnd();
    if (end < 0 || end - this.position > LONGEST_LINE) throw new PickleFault("a line without an end");
    const line = this.string(end - this.position);
    this.position += 1;
    return line;
  }
}
