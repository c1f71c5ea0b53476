import { createHash } from "node:crypto";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/**
 * A stream of uniform random numbers in [0, 1), determined by the experiment's seed and a name for its
 * purpose. Streams with different names are independent, so a new stream does not change the others.
 */
export function stream(seed: number, name: string): () => number {
  const digest = createHash("sha256").update(`${seed}/${name}`).digest();
  const generator = xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => digest.readInt32LE(offset)));
  return () => uniformFloat64(generator);
}

/** `count` numbers, uniform in [low, high). */
export function uniforms(count: number, low: number, high: number, seed: number, name: string): Float32Array {
  const next = stream(seed, name);
  return Float32Array.from({ length: count }, () => low + (high - low) * next());
}

/** `count` normal numbers with mean 0 (Box & Muller 1958). */
export function normals(count: number, std: number, seed: number, name: string): Float32Array {
  const next = stream(seed, name);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = std * Math.sqrt(-2 * Math.log(1 - next()));
    const angle = 2 * Math.PI * next();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < count) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}
