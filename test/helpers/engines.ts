import { join } from "node:path";
import envPaths from "env-paths";

/**
 * Folder of engines for tests. `.taprc` sets N2UQ_ENGINES to a folder that does not exist, so that no test
 * depends on the user's engines. Importing this file sets it to the user's installation, or to
 * N2UQ_TEST_ENGINES.
 */
const installed = process.env.N2UQ_TEST_ENGINES ?? join(envPaths("n2uq", { suffix: "" }).data, "engines");
process.env.N2UQ_ENGINES = installed;

/** Calls `work` while engines are searched in another folder. */
export async function inFolder<Value>(folder: string, work: () => Promise<Value>): Promise<Value> {
  process.env.N2UQ_ENGINES = folder;
  try {
    return await work();
  } finally {
    process.env.N2UQ_ENGINES = installed;
  }
}
