import { join } from "node:path";
import envPaths from "env-paths";
import { engines } from "../../src/engines/engines.js";

/**
 * Where the tests look for the engine: `.taprc` points N2UQ_ENGINES to nowhere, so that no test depends on what the user has
 * installed. Importing this file points it to the user's installation, or to N2UQ_TEST_ENGINES.
 */
export const installed =
  process.env.N2UQ_TEST_ENGINES ?? join(envPaths("n2uq", { suffix: "" }).data, "engines");
process.env.N2UQ_ENGINES = installed;

/** False where the tensorflow engine runs; else why the tests of it are skipped. With N2UQ_REQUIRE_TENSORFLOW=1 none is. */
export const withoutTensorflow: string | false = await reason();

async function reason(): Promise<string | false> {
  if (process.env.N2UQ_REQUIRE_TENSORFLOW === "1") return false;
  const { available, reason } = await engines.tensorflow.check();
  return available ? false : `no tensorflow engine (n2uq engine install tensorflow): ${reason}`;
}
