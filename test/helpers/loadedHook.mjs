// A hook of Node's module loader: records the URL of every module.
import { appendFileSync } from "node:fs";

export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  appendFileSync(process.env.N2UQ_TEST_LOADED, `${found.url}\n`);
  return found;
}
