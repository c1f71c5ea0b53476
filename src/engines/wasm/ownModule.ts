import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { N2uqError } from "../../errors.js";
import { packageRoot } from "../../package.js";
import type { OwnFunction } from "./pieces.js";
import { Team } from "./team.js";

/** The part of `WebAssembly` that is used here. TypeScript declares `WebAssembly` only in the DOM types. */
interface Compiling {
  compile(code: Uint8Array): Promise<object>;
  instantiate(
    code: object,
    imports: { readonly env: { readonly memory: object } },
  ): Promise<{ readonly exports: Readonly<Record<string, OwnFunction>> }>;
}

/** The backend's module as Emscripten makes it: with threads it has the memory, without them it exports it. */
interface Emscripten {
  readonly wasmMemory?: { readonly buffer: object };
  readonly asm: { readonly memory?: { readonly buffer: object } };
}

const teams = new WeakMap<object, Team>();

/**
 * Loads native/wasm into the memory of a backend. The module has neither data nor a stack, so it occupies no
 * memory, and several threads can run it. @throws Error if a file of the package is missing
 */
export async function loadOwnModule({ wasm }: BackendWasm, threads: number): Promise<void> {
  if (teams.has(wasm)) return;
  const { wasmMemory, asm } = wasm as unknown as Emscripten;
  const name = wasmMemory === undefined ? "kernels.wasm" : "kernels-shared.wasm";
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: Compiling };
  const code = await WebAssembly.compile(await readFile(join(packageRoot(), "native", "wasm", name)));
  const memory = wasmMemory ?? asm.memory ?? {};
  const { exports } = await WebAssembly.instantiate(code, { env: { memory } });
  if (teams.has(wasm)) return;
  teams.set(wasm, new Team(exports, threads, wasmMemory === undefined ? null : { code, memory }));
}

/**
 * The team of a backend. Its functions take addresses in the backend's memory, 0 for an absent tensor, and
 * sizes.
 */
export function teamOf({ wasm }: BackendWasm): Team {
  const found = teams.get(wasm);
  if (found === undefined) throw new N2uqError("N2UQ_INTERNAL", { message: "native/wasm is not loaded" });
  return found;
}
