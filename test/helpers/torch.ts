import { engines } from "../../src/engines/engines.js";
import "./engines.js";

/**
 * False where the torch engine runs; else why the tests of it are skipped. With N2UQ_REQUIRE_TORCH=1 none is.
 */
export const withoutTorch: string | false = await reason();

async function reason(): Promise<string | false> {
  if (process.env.N2UQ_REQUIRE_TORCH === "1") return false;
  const { available, reason } = await engines.torch.check();
  return available ? false : `no torch engine (n2uq engine install torch): ${reason}`;
}
