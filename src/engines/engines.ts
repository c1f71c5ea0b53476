import { N2uqError } from "../errors.js";
import { cpu } from "./cpu/engine.js";
import { tensorflow } from "./tensorflow/engine.js";
import { torch } from "./torch/engine.js";
import type { Availability, Engine, EngineName } from "./types.js";
import { unavailable } from "./unavailable.js";
import { wasm } from "./wasm/engine.js";

/**
 * Every engine, in order of preference. By default, engines that run on a GPU are preferred to all others.
 */
export const engines = { torch, tensorflow, wasm, cpu } satisfies Record<EngineName, Engine>;

/** One engine as `n2uq doctor` lists it. */
export interface EngineDescription extends Availability {
  readonly name: EngineName;
  readonly summary: string;
}

/**
 * Selects the named engine, or the first available one, without loading it. @throws N2uqError
 * N2UQ_ENGINE_UNKNOWN, N2UQ_ENGINE_UNAVAILABLE
 */
export async function selectEngine(name?: string): Promise<Engine> {
  if (name !== undefined) return named(name);
  const reasons: string[] = [];
  let first: Engine | undefined;
  for (const engine of Object.values<Engine>(engines)) {
    const { available, gpu, reason, onRequest } = await engine.check();
    if (available && gpu === true) return engine;
    if (available && onRequest !== true) first ??= engine;
    reasons.push(`${engine.name}: ${reason}`);
  }
  if (first === undefined) throw unavailable("cpu", reasons.join("; "));
  return first;
}

/** Checks every engine on this machine, in order of preference. */
export async function describeEngines(): Promise<readonly EngineDescription[]> {
  return Promise.all(
    Object.values<Engine>(engines).map(async (engine) => ({
      name: engine.name,
      summary: engine.summary,
      ...(await engine.check()),
    })),
  );
}

async function named(name: string): Promise<Engine> {
  const engine = Object.values<Engine>(engines).find((candidate) => candidate.name === name);
  if (engine === undefined)
    throw new N2uqError("N2UQ_ENGINE_UNKNOWN", { name, known: Object.keys(engines).join(", ") });
  const { available, reason, remedy } = await engine.check();
  if (!available) throw unavailable(engine.name, reason ?? "it cannot run here", remedy);
  return engine;
}
