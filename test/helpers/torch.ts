import { engines } from "../../src/engines/engines.js";
import "./engines.js";

/**
 * False if the torch engine runs; otherwise the reason why its tests are skipped. With N2UQ_REQUIRE_TORCH=1
 * no test is skipped.
 */
export const withoutTorch: string | false = await reason();

async function reason(): Promise<string | false> {
  if (process.env.N2UQ_REQUIRE_TORCH === "1") return false;
  const { available, reason } = await engines.torch.check();
  return available ? false : `no torch engine (n2uq engine install torch): ${reason}`;
}
