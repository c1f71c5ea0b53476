import { averaged } from "./averaged.js";
import { callOriginal, release, reshaped, view, wasmKernel } from "./calls.js";

/** `axis` null: all axes. */
type Attributes = { readonly axis: number | number[] | null; readonly keepDims: boolean };

/**
 * The sum over all axes but the last, as average pooling, first per image, then over the batch: short partial
 * sums keep float32 accurate. Other axes use tfjs's kernel.
 */
export const sum = wasmKernel<"x", Attributes>("Sum", ({ inputs, attrs, backend }) => {
  const { x } = inputs;
  const rank = x.shape.length;
  const axes = [attrs.axis ?? x.shape.map((_, axis) => axis)]
    .flat()
    .map((axis) => (axis < 0 ? axis + rank : axis));
  const leading = rank > 1 && axes.length === rank - 1 && !axes.includes(rank - 1);
  const channels = x.shape.at(-1) ?? 1;
  const batch = x.shape[0] ?? 1;
  const pixels = x.shape.slice(1, -1).reduce((product, n) => product * n, 1);
  if (!leading || x.dtype !== "float32" || batch * pixels * channels === 0)
    return callOriginal(backend, "Sum", inputs, attrs);
  const images = reshaped(backend, x, [batch, pixels, 1, channels]);
  const perImage = averaged(backend, images);
  perImage.shape = [1, batch, 1, channels];
  const mean = averaged(backend, perImage);
  const values = view(backend, mean);
  for (const [channel, value] of values.entries()) values[channel] = value * pixels * batch;
  release(backend, images, perImage);
  return { ...mean, shape: attrs.keepDims ? [...x.shape.slice(0, -1).map(() => 1), channels] : [channels] };
});
