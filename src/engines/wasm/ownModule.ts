import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { N2uqError } from "../../errors.js";
import { packageRoot } from "../../package.js";

/**
 * The functions of native/wasm. Arguments are addresses in the backend's memory, 0 for an absent tensor, and
 * sizes.
 */
export interface OwnFunctions {
  chainForward(...[x, bias1, alpha, bias2, table, y, channels, rows, intervals]: readonly number[]): void;
  chainGradient(
    ...[dy, x, bias1, alpha, bias2, table, dx, sums, channels, rows, intervals]: readonly number[]
  ): void;
  channelMoments(...[x, shift, sums, channels, rows]: readonly number[]): void;
  channelGradients(...[dy, x, mean, sums, channels, rows]: readonly number[]): void;
  channelAffine(...[x, k, offset, y, channels, rows]: readonly number[]): void;
  channelCombination(...[dy, x, k, slope, offset, dx, channels, rows]: readonly number[]): void;
  adamStep(
    ...[
      p,
      g,
      m,
      v,
      newP,
      newM,
      newV,
      length,
      rate,
      correction,
      beta1,
      beta2,
      epsilon,
      decay,
    ]: readonly number[]
  ): void;
}

/** The part of `WebAssembly` that is used here. TypeScript declares `WebAssembly` only in the DOM types. */
interface Instantiating {
  instantiate(
    code: Uint8Array,
    imports: { readonly env: { readonly memory: object } },
  ): Promise<{ readonly instance: { readonly exports: OwnFunctions } }>;
}

/** The backend's module as Emscripten makes it: with threads it has the memory, without them it exports it. */
interface Emscripten {
  readonly wasmMemory?: { readonly buffer: object };
  readonly asm: { readonly memory?: { readonly buffer: object } };
}

const instances = new WeakMap<object, OwnFunctions>();

/**
 * Loads native/wasm into the memory of a backend. The module has neither data nor a stack, so it
 * occupies no memory. @throws Error if a file of the package is missing
 */
export async function loadOwnModule({ wasm }: BackendWasm): Promise<void> {
  if (instances.has(wasm)) return;
  const { wasmMemory, asm } = wasm as unknown as Emscripten;
  const name = wasmMemory === undefined ? "kernels.wasm" : "kernels-shared.wasm";
  const code = await readFile(join(packageRoot(), "native", "wasm", name));
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: Instantiating };
  const memory = wasmMemory ?? asm.memory ?? {};
  const { instance } = await WebAssembly.instantiate(code, { env: { memory } });
  instances.set(wasm, instance.exports);
}

export function ownFunctions({ wasm }: BackendWasm): OwnFunctions {
  const found = instances.get(wasm);
  if (found === undefined) throw new N2uqError("N2UQ_INTERNAL", { message: "native/wasm is not loaded" });
  return found;
}
