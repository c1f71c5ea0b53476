import { withDefaults } from "../schema/defaults.js";
import type { CompleteArchitecture } from "../schema/generated/complete.js";
import type { Architecture } from "../schema/generated/experiment.js";
import { square } from "./data.js";
import type { DataFacts } from "./facts.js";
import type { FamilyDefaults } from "./network.js";
import type { Method, ResolvedArchitecture } from "./types.js";

/** The values from which an architecture's defaults follow. */
export interface ArchitectureFacts extends Pick<DataFacts, "classes" | "imageSize" | "channels"> {
  readonly method: Method;
}

/**
 * Sets the defaults that depend on the family, the data set and the method. @param families returns a
 * family's defaults
 */
export function resolveArchitecture(
  architecture: Architecture,
  facts: ArchitectureFacts,
  families: (family: CompleteArchitecture["family"]) => FamilyDefaults,
): ResolvedArchitecture {
  const complete = withDefaults("architecture", architecture);
  const defaults = families(complete.family);
  // N2UQ's networks are pre-activation; the others use torchvision's layout.
  const usual = facts.method === "n2uq" ? "n2uq" : "torchvision";
  const inputSize = square(complete.inputSize) ?? facts.imageSize;
  return {
    ...complete,
    ...defaults.options?.(complete),
    layout: complete.layout ?? defaults.layout?.(facts.method) ?? usual,
    classes: complete.classes ?? facts.classes,
    inputSize,
    inputChannels: complete.inputChannels ?? facts.channels,
    stem: { ...defaults.stem(complete, inputSize), ...complete.stem },
  } as ResolvedArchitecture;
}
