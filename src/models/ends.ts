import type { GraphBuilder } from "../graph/builder.js";
import type { ResolvedStem } from "../resolve/types.js";

/**
 * The first convolution. If it is quantized (never by default), only its weights are quantized, because the
 * images are 8-bit numbers already, and signed after normalization.
 */
export function stemConv(b: GraphBuilder, id: string, input: string, stem: ResolvedStem): string {
  const decision = b.decide({ id, names: [id], role: "stem" });
  b.record(id, decision);
  const { channels, kernel, stride } = stem;
  const options = { channels, kernel, stride };
  return b.conv(id, input, decision.weight === undefined ? options : { ...options, quant: decision.weight });
}

/** Global average pooling and the classifier. */
export function classifier(b: GraphBuilder, id: string, input: string, classes: number): string {
  return linearClassifier(b, id, b.globalAveragePool("avgpool", input), classes);
}

/**
 * The linear classifier of a feature vector. If the layer is quantized, an activation quantizer precedes it.
 */
export function linearClassifier(b: GraphBuilder, id: string, features: string, classes: number): string {
  const decision = b.decide({ id, names: [id], role: "classifier" });
  b.record(id, decision);
  if (decision.weight === undefined || decision.activation === undefined)
    return b.linear(id, features, classes);
  const x = b.quantize(`${id}_quan`, features, decision.activation);
  return b.linear(id, x, classes, decision.weight);
}
