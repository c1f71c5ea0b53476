import { dispose, type Tensor } from "@tensorflow/tfjs-core";
import { one } from "../../overrides/kernel.js";

/**
 * Gives quantized activations their codes 0 … `most`, so that convolutions compute with integers. Disposes
 * its inputs. @param unit the distance between levels, `[1]`
 */
export function withActivationCodes(y: Tensor, unit: Tensor, most: number): Tensor {
  return replaced({ values: y, unit }, { activations: true, most });
}

/**
 * Gives weights `[fan, channels]` with the levels -`most`, -`most` + 2 … `most` times the unit their codes. Disposes its
 * inputs. @param unit `[1]` or `[channels]`
 */
export function withWeightCodes(y: Tensor, unit: Tensor, most: number): Tensor {
  return replaced({ values: y, unit }, { activations: false, most });
}

function replaced(inputs: Record<string, Tensor>, attributes: Record<string, number | boolean>): Tensor {
  const marked = one("WithCodes", inputs, attributes);
  dispose(inputs);
  return marked;
}
