const OWN = "n2uq-tap:";

/** Node's hook: for test files and their helpers, `tap` is the test of the running file. */
export function resolve(specifier, context, next) {
  if (specifier !== "tap" || context.parentURL?.includes("/node_modules/")) return next(specifier, context);
  return { url: OWN, format: "module", shortCircuit: true };
}

/** Node's hook: the module that test files import as tap. */
export function load(url, context, next) {
  if (url !== OWN) return next(url, context);
  const source = `
    const tap = globalThis[Symbol.for("n2uq.tap")];
    export default tap;
    export const test = (...args) => tap.test(...args);`;
  return { format: "module", source, shortCircuit: true };
}
