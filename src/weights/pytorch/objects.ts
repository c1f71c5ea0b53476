import type { Machine } from "./machine.js";
import { PickleFault } from "./reader.js";
import type { Opcodes } from "./scalars.js";
import { Dict, Tuple } from "./values.js";

/**
 * Opcodes that name, call or change objects. Only these opcodes could run code. Each of them results in an
 * object of the allowlist, in plain data from a builder, or in an error.
 */
export const objects: Opcodes = {
  /** PROTO: 2 to 5 are supported; 0 and 1 have no such opcode. */
  "\x80": (m) => {
    const protocol = m.reader.uint8();
    if (protocol > 5) throw m.unsupported(`pickle protocol ${protocol}`);
  },
  /** FRAME: a hint for prefetching. */
  "\x95": (m) => {
    const length = m.reader.uint64();
    if (length > m.reader.left)
      throw new PickleFault(`a frame of ${length} bytes where ${m.reader.left} are left`);
  },

  /** GLOBAL */
  c: (m) => {
    const [module, name] = [m.reader.line(), m.reader.line()];
    m.push(m.global(module, name));
  },
  /** STACK_GLOBAL */
  "\x93": (m) => {
    const [name, module] = [m.pop(), m.pop()];
    if (typeof name !== "string" || typeof module !== "string")
      throw m.refused("a name that is not a string");
    m.push(m.global(module, name));
  },
  /** INST: names and calls in one opcode. */
  i: (m) => {
    const [module, name] = [m.reader.line(), m.reader.line()];
    const callee = m.global(module, name);
    m.pushObject(m.build(callee, new Tuple(m.popMark()), "INST"));
  },
  /** OBJ */
  o: (m) => {
    const [callee, ...args] = m.popMark();
    if (callee === undefined) throw new PickleFault("an object without a class");
    m.pushObject(m.build(callee, new Tuple(args), "OBJ"));
  },
  /** REDUCE */
  R: (m) => callTopOfStack(m, "REDUCE"),
  /** NEWOBJ */
  "\x81": (m) => callTopOfStack(m, "NEWOBJ"),
  /** NEWOBJ_EX */
  "\x92": (m) => {
    const keywords = m.pop();
    if (!(keywords instanceof Dict) || keywords.size > 0) throw m.refused("NEWOBJ_EX with keywords");
    callTopOfStack(m, "NEWOBJ_EX");
  },
  /**
   * BUILD: PyTorch sets `_metadata` on its OrderedDicts this way, which is ignored; nothing else may be
   * changed.
   */
  b: (m) => {
    const [state, target] = [m.pop(), m.peek()];
    if (!(target instanceof Dict) || !(state instanceof Dict || state === null))
      throw m.refused("BUILD, which sets attributes, on an object that is not a dict");
  },

  /** EXT1, EXT2, EXT4: names given by a number, from a registry that only the writing program has. */
  "\x82": (m) => refuse(m, `the registered extension ${m.reader.uint8()}`),
  "\x83": (m) => refuse(m, `the registered extension ${m.reader.uint16()}`),
  "\x84": (m) => refuse(m, `the registered extension ${m.reader.int32()}`),

  /** PERSID, BINPERSID */
  P: (m) => m.pushObject(m.persistent(m.reader.line())),
  Q: (m) => m.pushObject(m.persistent(m.pop())),

  /** NEXT_BUFFER, READONLY_BUFFER: memory outside the pickle. */
  "\x97": (m) => refuse(m, "a buffer outside the pickle"),
  "\x98": (m) => refuse(m, "a buffer outside the pickle"),
};

function callTopOfStack(m: Machine, how: string): void {
  const [args, callee] = [m.pop(), m.pop()];
  m.pushObject(m.build(callee, args, how));
}

function refuse(m: Machine, name: string): void {
  throw m.refused(name);
}
