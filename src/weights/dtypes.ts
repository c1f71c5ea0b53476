interface Described {
  /** Per value. */
  readonly bytes: number;
  /** Safetensors' name of it. */
  readonly code: string;
  /**
   * Converts little-endian bytes to exact values. 16-bit and 8-bit floats are computed; all other dtypes are
   * read as they are, which assumes a little-endian host.
   */
  readonly decode: (bytes: ArrayBuffer) => ArrayLike<number> | ArrayLike<bigint>;
}

/** Tensor dtypes by PyTorch's name. */
export const dtypes = {
  float64: { bytes: 8, code: "F64", decode: (bytes) => new Float64Array(bytes) },
  float32: { bytes: 4, code: "F32", decode: (bytes) => new Float32Array(bytes) },
  float16: { bytes: 2, code: "F16", decode: (bytes) => Float32Array.from(new Uint16Array(bytes), half) },
  bfloat16: {
    bytes: 2,
    code: "BF16",
    decode: (bytes) => new Float32Array(Uint32Array.from(new Uint16Array(bytes), (v) => v << 16).buffer),
  },
  float8_e4m3fn: {
    bytes: 1,
    code: "F8_E4M3",
    decode: (bytes) => Float32Array.from(new Uint8Array(bytes), e4m3),
  },
  float8_e5m2: {
    bytes: 1,
    code: "F8_E5M2",
    decode: (bytes) => Float32Array.from(new Uint8Array(bytes), (v) => half(v << 8)),
  },
  int64: { bytes: 8, code: "I64", decode: (bytes) => new BigInt64Array(bytes) },
  int32: { bytes: 4, code: "I32", decode: (bytes) => new Int32Array(bytes) },
  int16: { bytes: 2, code: "I16", decode: (bytes) => new Int16Array(bytes) },
  int8: { bytes: 1, code: "I8", decode: (bytes) => new Int8Array(bytes) },
  uint64: { bytes: 8, code: "U64", decode: (bytes) => new BigUint64Array(bytes) },
  uint32: { bytes: 4, code: "U32", decode: (bytes) => new Uint32Array(bytes) },
  uint16: { bytes: 2, code: "U16", decode: (bytes) => new Uint16Array(bytes) },
  uint8: { bytes: 1, code: "U8", decode: (bytes) => new Uint8Array(bytes) },
  bool: { bytes: 1, code: "BOOL", decode: (bytes) => new Uint8Array(bytes) },
} as const satisfies Record<string, Described>;

export type Dtype = keyof typeof dtypes;

/** The dtypes by their safetensors codes. */
export const dtypesByCode: ReadonlyMap<string, Dtype> = new Map(
  (Object.keys(dtypes) as Dtype[]).map((dtype) => [dtypes[dtype].code, dtype]),
);

/** Decodes a tensor's little-endian bytes. */
export function decode(dtype: Dtype, bytes: ArrayBuffer): ArrayLike<number> | ArrayLike<bigint> {
  return dtypes[dtype].decode(bytes);
}

/** IEEE 754 binary16: 5 bits of exponent, 10 of fraction. */
function half(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** 4 bits of exponent, 3 of fraction, no infinity: all ones is NaN (arXiv 2209.05433). */
function e4m3(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x80 ? -1 : 1, (bits >> 3) & 0xf, bits & 7];
  if ((bits & 0x7f) === 0x7f) return Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -9 : sign * (1 + fraction / 8) * 2 ** (exponent - 7);
}
