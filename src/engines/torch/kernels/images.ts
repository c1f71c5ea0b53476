import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import { backend_util } from "@tensorflow/tfjs-core";
import type { TorchBackend } from "../backend.js";
import { BACKEND } from "../backend.js";
import { kernel } from "../kernel.js";

interface Resizing {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
  readonly size: [number, number];
}

interface Rotation {
  readonly radians: number;
  readonly fillValue: number | [number, number, number];
  readonly center: number | [number, number];
}

/** The colour of what comes from outside becomes a tensor by channel; a fourth channel, opacity, is full there. */
const rotation: KernelConfig = {
  kernelName: "RotateWithOffset",
  backendName: BACKEND,
  kernelFunc: ({ inputs, attrs, backend }) => {
    const torch = backend as TorchBackend;
    const { image } = inputs as { image: TensorInfo };
    const { radians, fillValue, center } = attrs as unknown as Rotation;
    const [, height = 0, width = 0, channels = 0] = image.shape;
    const [centerX, centerY] = backend_util.getImageCenter(center, height, width);
    const colour = Array.from({ length: channels }, (_, channel) => {
      const value = typeof fillValue === "number" ? fillValue : fillValue[channel];
      return channel === 3 ? 255 : (value ?? 0);
    });
    const dataId = torch.write(Float32Array.from(colour), [channels], "float32");
    const fill: TensorInfo = { dataId, shape: [channels], dtype: "float32" };
    const [turned] = torch.run("RotateWithOffset", [image, fill], { radians, centerX, centerY });
    torch.disposeData(dataId);
    return turned as TensorInfo;
  },
};

export const images: readonly KernelConfig[] = [
  kernel<{ cropSize: [number, number]; method: string; extrapolationValue: number }>(
    "CropAndResize",
    ["image", "boxes", "boxInd"],
    ({ cropSize, method, extrapolationValue }) => ({ cropSize, method, extrapolationValue }),
  ),
  kernel("FlipLeftRight", ["image"]),
  rotation,
  ...["ResizeBilinear", "ResizeNearestNeighbor"].flatMap((name) => [
    kernel<Resizing>(name, ["images"], ({ alignCorners, halfPixelCenters, size }) => ({
      alignCorners,
      halfPixelCenters,
      size,
    })),
    // tfjs does not tell the gradient of half pixels.
    kernel<Resizing>(`${name}Grad`, ["images", "dy"], ({ alignCorners, halfPixelCenters = false }) => ({
      alignCorners,
      halfPixelCenters,
    })),
  ]),
];
