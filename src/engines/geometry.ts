import { backend_util } from "@tensorflow/tfjs-core";
import { N2uqError } from "../errors.js";

type Shape = readonly number[];
type Shape4D = [number, number, number, number];

interface WindowAttributes {
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** The attributes that convolutions and their gradients share. tfjs defines `dimRoundingMode` and the layout. */
export interface ConvAttributes extends WindowAttributes {
  readonly dataFormat?: "NHWC" | "NCHW";
  readonly dilations?: number | [number, number];
}

/** The attributes of max pooling and its gradient. */
export interface PoolAttributes extends WindowAttributes {
  readonly filterSize: number | [number, number];
}

/**
 * Sizes of one convolution or pooling: input `[batch, height, width, channels]`, output
 * `[batch, outHeight, outWidth, outChannels]`. The kernel's sizes include its dilation.
 */
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

/** Whether `geometryOf` supports these attributes. All graphs of n2uq have supported ones. */
export function undilated({ dilations = 1, dataFormat, pad }: ConvAttributes): boolean {
  return [dilations].flat().every((n) => n === 1) && dataFormat !== "NCHW" && !Array.isArray(pad);
}

/** tfjs's description of a convolution. */
export function convolutionOf(input: Shape, filter: Shape, attrs: ConvAttributes, depthwise: boolean) {
  return backend_util.computeConv2DInfo(
    [...input] as Shape4D,
    [...filter] as Shape4D,
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
    depthwise,
    backend_util.convertConv2DDataFormat(attrs.dataFormat ?? "NHWC"),
  );
}

/**
 * The geometry of a convolution. @throws N2uqError N2UQ_INTERNAL if the layout is not NHWC, the convolution
 * is dilated, or a channel has several depthwise filters, which occurs in no graph of n2uq
 */
export function geometryOf(input: Shape, filter: Shape, attrs: ConvAttributes, depthwise: boolean): Geometry {
  const info = convolutionOf(input, filter, attrs, depthwise);
  if (!undilated(attrs) || (depthwise && filter[3] !== 1))
    throw new N2uqError("N2UQ_INTERNAL", { message: "wasm has no gradient for such a convolution" });
  return geometryIn(info);
}

/** The geometry of max pooling. */
export function poolingOf(input: Shape, attrs: PoolAttributes): Geometry {
  const { filterSize, strides, pad, dimRoundingMode } = attrs;
  const shape = [...input] as Shape4D;
  return geometryIn(backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode));
}

export function geometryIn(info: backend_util.Conv2DInfo): Geometry {
  return {
    batch: info.batchSize,
    height: info.inHeight,
    width: info.inWidth,
    channels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    kernelHeight: info.effectiveFilterHeight,
    kernelWidth: info.effectiveFilterWidth,
    strideY: info.strideHeight,
    strideX: info.strideWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
  };
}

export interface Padding {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/**
 * The padding to add so that a convolution or pooling without padding gives the same result. Lines that no
 * window reaches are omitted.
 */
export function paddingOf(geometry: Geometry): Padding {
  const { height, width, outHeight, outWidth, kernelHeight, kernelWidth, padTop, padLeft } = geometry;
  const behind = (out: number, stride: number, size: number, before: number, own: number) =>
    Math.max(0, (out - 1) * stride + size - own - before);
  return {
    top: padTop,
    bottom: behind(outHeight, geometry.strideY, kernelHeight, padTop, height),
    left: padLeft,
    right: behind(outWidth, geometry.strideX, kernelWidth, padLeft, width),
  };
}
