import type { GraphBuilder } from "../graph/builder.js";
import type { ResolvedStem } from "../resolve/types.js";

/**
 * The first convolution. Where it is quantized (never by default) only its weights are: the images are 8-bit numbers
 * already and signed after standardisation.
 */
export function stemConv(b: GraphBuilder, id: string, input: string, stem: ResolvedStem): string {
  const decision = b.decide({ id, names: [id], role: "stem" });
  b.record(id, decision);
  const { channels, kernel, stride } = stem;
  const options = { channels, kernel, stride };
  return b.conv(id, input, decision.weight === undefined ? options : { ...options, quant: decision.weight });
}

/** Global average pooling and the classifier, in front of which a quantizer stands where it is quantized. */
export function classifier(b: GraphBuilder, id: string, input: string, classes: number): string {
  const decision = b.decide({ id, names: [id], role: "classifier" });
  b.record(id, decision);
  const pooled = b.globalAveragePool("avgpool", input);
  if (decision.weight === undefined || decision.activation === undefined)
    return b.linear(id, pooled, classes);
  const x = b.quantize(`${id}_quan`, pooled, decision.activation);
  return b.linear(id, x, classes, decision.weight);
}
