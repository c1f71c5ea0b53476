import type { Bits } from "../resolve/types.js";
import type { TrainingGraph } from "./types.js";

/**
 * The network's nominal bits: the declared bits, else the bits that most quantized layers have; null if no
 * layer is quantized.
 */
export function nominalBits({ decisions }: TrainingGraph, declared: Partial<Bits> | undefined): Bits | null {
  const quantized = Object.values(decisions).flatMap(({ weight, activation }) =>
    weight === undefined || activation === undefined ? [] : [[weight.bits, activation.bits] as const],
  );
  if (quantized.length === 0) return null;
  return {
    weights: declared?.weights ?? mostCommon(quantized.map(([weights]) => weights)),
    activations: declared?.activations ?? mostCommon(quantized.map(([, activations]) => activations)),
  };
}

function mostCommon(values: readonly number[]): number {
  const count = (value: number) => values.filter((other) => other === value).length;
  return values.reduce((best, value) => (count(value) > count(best) ? value : best));
}
