import { backend_util } from "@tensorflow/tfjs-core";
import { N2uqError } from "../errors.js";

/** The attributes that the four gradient kernels share. tfjs defines `dimRoundingMode` and the layout. */
export interface ConvAttributes {
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly dataFormat?: "NHWC" | "NCHW";
  readonly dilations?: number | [number, number];
}

/** Sizes of one convolution: input `[batch, height, width, channels]`, output `[batch, outHeight, outWidth, outChannels]`. */
export interface Geometry {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly padTop: number;
  readonly padLeft: number;
}

/** Whether `geometryOf` supports these attributes; it does for all of our graphs. */
export function undilated({ dilations = 1, dataFormat, pad }: ConvAttributes): boolean {
  return [dilations].flat().every((n) => n === 1) && dataFormat !== "NCHW" && !Array.isArray(pad);
}

/**
 * @throws N2uqError N2UQ_INTERNAL if the layout is not NHWC, the convolution is dilated, or a channel has
 * several depthwise filters: no graph has any of these
 */
export function geometryOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attrs: ConvAttributes,
  depthwise: boolean,
): Geometry {
  const info = backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
    depthwise,
  );
  if (!undilated(attrs) || (depthwise && filterShape[3] !== 1)) {
    throw new N2uqError("N2UQ_INTERNAL", { message: "wasm has no gradient for such a convolution" });
  }
  return {
    batch: info.batchSize,
    height: info.inHeight,
    width: info.inWidth,
    channels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    kernelHeight: info.filterHeight,
    kernelWidth: info.filterWidth,
    strideY: info.strideHeight,
    strideX: info.strideWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
  };
}
