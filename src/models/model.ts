import type { GraphBuilder } from "../graph/builder.js";
import type { FamilyDefaults } from "../resolve/network.js";
import type { ArchitectureOf, ResolvedArchitecture } from "../resolve/types.js";
import type { CompleteArchitecture } from "../schema/generated/complete.js";

/** A model family with its metadata; its options are in `schemas/models/<name>.json`. */
export interface ModelFamily<Name extends ResolvedArchitecture["family"]>
  extends Pick<PluginModel<ArchitectureOf<Name>>, "reference" | "build">,
    FamilyDefaults<Extract<CompleteArchitecture, { family: Name }>> {
  readonly name: Name;
}

/** A plug-in's model family, with the type of its options. */
export interface PluginModel<Architecture = never> extends FamilyDefaults<never> {
  readonly name: string;
  /** The paper or the source of the numbers. */
  readonly reference: string;
  /** Adds the network's nodes, from the image to the logits. @throws N2uqError N2UQ_GRAPH_TOO_SMALL */
  build(b: GraphBuilder, architecture: Architecture): void;
}

/** Defines a model family, with the types of its options. */
export function defineModel<Name extends ResolvedArchitecture["family"]>(
  model: ModelFamily<Name>,
): ModelFamily<Name> {
  return model;
}
