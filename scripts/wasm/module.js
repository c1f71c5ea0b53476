/** Sections of a module without data and tables: types, import, functions, globals, exports, code. */
const ALLOWED = [1, 2, 3, 6, 7, 10];

/**
 * `global.get 0` and `global.set 0`: the only global is the stack's address, which the linker always adds. It writes the
 * number 0 in one byte or in five.
 */
const STACK = [0x23, 0x24].flatMap((instruction) => [
  Buffer.of(instruction, 0),
  Buffer.of(instruction, 0x80, 0x80, 0x80, 0x80, 0),
]);

/**
 * Declares the largest memory, 2^16 pages: Zig accepts at most one page less, but a module must not declare less than
 * the memory that it imports.
 *
 * @param {Buffer} module
 */
export function withLargestMemory(module) {
  const [declared, largest] = [
    Buffer.of(0x03, 0x10, 0xff, 0xff, 0x03),
    Buffer.of(0x03, 0x10, 0x80, 0x80, 0x04),
  ];
  const at = module.indexOf(declared);
  if (at < 0) throw new Error("the module does not declare a memory of 16 to 65535 pages");
  const changed = Buffer.from(module);
  largest.copy(changed, at);
  return changed;
}

/**
 * Why a module cannot share another module's memory: it has data, which would overwrite the other's, or it uses a
 * stack, which would be inside the other's data.
 *
 * @param {Buffer} module
 * @returns {string[]}
 */
export function faultsOf(module) {
  const faults = [];
  for (let at = 8; at < module.length; ) {
    const id = module[at];
    const { value: length, end } = unsigned(module, at + 1);
    if (!ALLOWED.includes(id)) faults.push(`it has a section ${id}`);
    const body = module.subarray(end, end + length);
    if (id === 10 && STACK.some((instruction) => body.includes(instruction)))
      faults.push("its code uses a stack");
    at = end + length;
  }
  return faults;
}

/** LEB128 */
function unsigned(bytes, start) {
  let [value, shift, end] = [0, 0, start];
  for (;;) {
    const byte = bytes[end++];
    value |= (byte & 127) << shift;
    shift += 7;
    if (byte < 128) return { value, end };
  }
}
