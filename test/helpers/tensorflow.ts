import { engines } from "../../src/engines/engines.js";
import "./engines.js";

/**
 * False if the tensorflow engine runs; otherwise the reason why its tests are skipped. With
 * N2UQ_REQUIRE_TENSORFLOW=1 no test is skipped.
 */
export const withoutTensorflow: string | false = await reason();

async function reason(): Promise<string | false> {
  if (process.env.N2UQ_REQUIRE_TENSORFLOW === "1") return false;
  const { available, reason } = await engines.tensorflow.check();
  return available ? false : `no tensorflow engine (n2uq engine install tensorflow): ${reason}`;
}
