import { type Addon, findAddons, probeAddon } from "./addons.js";
import { loaderHint } from "./loader.js";
import { deviceOptions, type TorchOptions } from "./options.js";
import { sourcesDigest } from "./sources.js";

const INSTALL = "Run `n2uq engine install torch`.";
export const REPAIR = "Run `n2uq engine install torch --force`, or choose another engine with `--engine`.";

/** The addon to load, or the reason why there is none. */
type Choice =
  | {
      readonly addon: Addon;
      readonly gpu: boolean;
      /** Variables to set before the addon is loaded. */
      readonly needs: Readonly<Record<string, string>>;
    }
  | { readonly reason: string; readonly remedy: string };

/** Finds the first working addon that was built from this package's sources. */
export async function choose(options: TorchOptions): Promise<Choice> {
  const all = findAddons();
  if (all.length === 0) return { reason: "it is not installed", remedy: INSTALL };
  const digest = sourcesDigest();
  const reasons: string[] = [];
  for (const addon of all.filter(({ sources }) => sources === digest)) {
    const answer = await probeAddon(addon, deviceOptions(options));
    if (answer.works) return { addon, gpu: answer.gpu, needs: answer.needs ?? {} };
    reasons.push(`${addon.folder}: ${answer.reason}`);
  }
  const reason = reasons.join("; ");
  if (reasons.length > 0) return { reason, remedy: loaderHint(reason) ?? REPAIR };
  return { reason: "it was built by another version of n2uq", remedy: INSTALL };
}
