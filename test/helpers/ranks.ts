import { findAddons } from "../../src/engines/torch/addons.js";
import { openBinding } from "../../src/engines/torch/binding.js";
import { withoutTorch } from "./torch.js";

/** False where processes can train together; else why the tests of it are skipped. */
export const withoutRanks: string | false = withoutTorch !== false ? withoutTorch : withoutGloo();

function withoutGloo(): string | false {
  const [addon] = findAddons();
  if (addon !== undefined && openBinding(addon.binding).ranks) return false;
  return "the torch engine was built without Gloo (libgloo-dev)";
}
