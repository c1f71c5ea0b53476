import type { Faults } from "../faults.js";
import { containers } from "./containers.js";
import { Machine, type PersistentLoad } from "./machine.js";
import { objects } from "./objects.js";
import { PickleFault, type PickleReader } from "./reader.js";
import { scalars } from "./scalars.js";
import type { Value } from "./values.js";

const STOP = ".".charCodeAt(0);

const opcodes = new Map(
  Object.entries({ ...scalars, ...containers, ...objects }).map(([key, act]) => [key.charCodeAt(0), act]),
);

/**
 * Reads one pickle of protocol 0 to 5 as plain data. Imports, calls and executes nothing from the file: names
 * are looked up in an allowlist (`globals.ts`) of n2uq's own builders. @param fileBytes size of the file,
 * which no tensor may exceed @throws N2uqError N2UQ_WEIGHTS_REFUSED, N2UQ_WEIGHTS_CORRUPT,
 * N2UQ_WEIGHTS_UNSUPPORTED @throws PickleEnd if the bytes end before the pickle does
 */
export function unpickle(
  reader: PickleReader,
  faults: Faults,
  fileBytes: number,
  persistent: PersistentLoad,
): Value {
  const machine = new Machine(reader, faults, fileBytes, persistent);
  const start = reader.position;
  try {
    for (;;) {
      const opcode = reader.uint8();
      if (opcode === STOP) return machine.pop();
      const act = opcodes.get(opcode);
      if (act === undefined) throw new PickleFault(`there is no opcode ${opcode}`);
      machine.spend(1);
      act(machine);
    }
  } catch (error) {
    if (!(error instanceof PickleFault)) throw error;
    throw faults.corrupt(`byte ${reader.position - start} of its pickle: ${error.message}`);
  }
}
