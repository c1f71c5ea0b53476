import { GraphBuilder } from "../graph/builder.js";
import { describeGroups } from "../graph/groups.js";
import type { QuantizableLayer } from "../graph/quantization.js";
import { checkGlobs, describeDecisions } from "../graph/quantization.js";
import type { DescribedQuantizers } from "../graph/quantizer.js";
import type { Network } from "../resolve/network.js";
import type { Models } from "../resolve/resolve.js";
import type { ResolvedArchitecture, ResolvedQuantization } from "../resolve/types.js";
import { buildGraph, declare, models } from "./models.js";

/** The quantization of a network in full precision. */
export const FULL_PRECISION: ResolvedQuantization = { method: "none", keep: null, layers: [] };

/** Builds the network of an architecture. @throws N2uqError N2UQ_GRAPH_TOO_SMALL */
export function networkOf(architecture: ResolvedArchitecture, quantizers: DescribedQuantizers): Network {
  const layers: QuantizableLayer[] = [];
  declare(new GraphBuilder(FULL_PRECISION, quantizers, (layer) => layers.push(layer)), architecture);
  return {
    checkGlobs: (quantization) => checkGlobs(layers, quantization, quantizers),
    decisions: (quantization) => describeDecisions(layers, quantization, quantizers),
    groups: (quantization, optimizer) =>
      describeGroups(buildGraph(architecture, quantization, quantizers), optimizer),
  };
}

/** What the resolver needs from the models: a family's defaults, and the network of an architecture. */
export function knownModels(quantizers: DescribedQuantizers): Models {
  return { family: (name) => models[name], network: (architecture) => networkOf(architecture, quantizers) };
}
