import { workerData } from "node:worker_threads";
import { JOBS, type OwnFunction, sharedBy, takePieces, waitForChange } from "./pieces.js";
import type { TeamData } from "./team.js";

/** A thread of a team: computes pieces of jobs for as long as the process lives. */
const { code, memory, control } = workerData as TeamData;
const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: Instances };
const { exports } = new WebAssembly.Instance(code, { env: { memory } });
const functions = Object.values(exports);
const shared = sharedBy(control);
for (;;) {
  const jobs = Atomics.load(shared.words, JOBS);
  takePieces(shared, functions);
  waitForChange(shared.words, JOBS, jobs);
}

/** The part of `WebAssembly` that is used here. TypeScript declares `WebAssembly` only in the DOM types. */
interface Instances {
  readonly Instance: new (
    code: object,
    imports: { readonly env: { readonly memory: object } },
  ) => { readonly exports: Readonly<Record<string, OwnFunction>> };
}
