import { join } from "node:path";
import envPaths from "env-paths";

/**
 * Where the tests look for engines: `.taprc` points N2UQ_ENGINES to nowhere, so that no test depends on what the user has
 * installed. Importing this file points it to the user's installation, or to N2UQ_TEST_ENGINES.
 */
const installed = process.env.N2UQ_TEST_ENGINES ?? join(envPaths("n2uq", { suffix: "" }).data, "engines");
process.env.N2UQ_ENGINES = installed;

/** Does something while the engines are looked for in another folder. */
export async function inFolder<Value>(folder: string, work: () => Promise<Value>): Promise<Value> {
  process.env.N2UQ_ENGINES = folder;
  try {
    return await work();
  } finally {
    process.env.N2UQ_ENGINES = installed;
  }
}
