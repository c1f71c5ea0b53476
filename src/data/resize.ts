interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Bilinear resampling with pixel centres at half integers, borders repeated; not antialiased. HWC in, HWC out. */
export function resizeBilinear(
  image: Float32Array,
  { height, width, channels }: ImageShape,
  outHeight: number,
  outWidth: number,
): Float32Array {
  const result = new Float32Array(outHeight * outWidth * channels);
  const rows = positions(height, outHeight);
  const columns = positions(width, outWidth);
  let at = 0;
  for (const [y0, y1, v] of rows) {
    for (const [x0, x1, u] of columns) {
      for (let c = 0; c < channels; c++) {
        const pixel = (y: number, x: number) => image[(y * width + x) * channels + c] ?? 0;
        const top = pixel(y0, x0) * (1 - u) + pixel(y0, x1) * u;
        const bottom = pixel(y1, x0) * (1 - u) + pixel(y1, x1) * u;
        result[at++] = top * (1 - v) + bottom * v;
      }
    }
  }
  return result;
}

/** For each output pixel: the two input pixels it lies between, and how far towards the second. */
function positions(size: number, outSize: number): [number, number, number][] {
  return Array.from({ length: outSize }, (_, i) => {
    const centre = Math.max(0, Math.min(size - 1, ((i + 0.5) * size) / outSize - 0.5));
    const first = Math.floor(centre);
    return [first, Math.min(size - 1, first + 1), centre - first];
  });
}
