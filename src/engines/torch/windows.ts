/** tfjs's geometry of a convolution or pooling. */
interface Walk {
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly padInfo: { readonly top: number; readonly left: number };
}

/**
 * The padding `[top, bottom, left, right]` with which windows of this height and width reach each row and
 * column.
 */
export function reachedBehind(walk: Walk, height: number, width: number): number[] {
  const { top, left } = walk.padInfo;
  const bottom = (walk.outHeight - 1) * walk.strideHeight + height - walk.inHeight - top;
  const right = (walk.outWidth - 1) * walk.strideWidth + width - walk.inWidth - left;
  return [top, Math.max(0, bottom), left, Math.max(0, right)];
}
