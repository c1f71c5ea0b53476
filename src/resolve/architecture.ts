import { N2uqError } from "../errors.js";
import type { Experiment } from "../schema/generated/experiment.js";
import { missing } from "./checks.js";
import { square } from "./data.js";
import type {
  NetworkLayout,
  ResolvedArchitecture,
  ResolvedQuantization,
  ResolvedStage,
  ResolvedStem,
} from "./types.js";

type Architecture = NonNullable<Experiment["architecture"]>;

/** What an architecture's defaults follow from. */
export interface ArchitectureFacts {
  readonly classes: number;
  readonly imageSize: readonly [number, number];
  readonly channels: number;
  readonly method: ResolvedQuantization["method"];
}

const IMAGENET_STEM = { kernel: 7, stride: 2, channels: 64, pool: true };
const SMALL_STEM = { kernel: 3, stride: 1, channels: 16, pool: false };
const MOBILENET_STEM = { kernel: 3, stride: 2, channels: 32, pool: false };
/** Below this many pixels ImageNet's stem would leave nothing: the usual 3×3/1 stem without pooling takes its place. */
const SMALL_IMAGE = 64;

/** Fills in what follows from the family, the data set and the method. */
export function resolveArchitecture(
  architecture: Architecture,
  facts: ArchitectureFacts,
): ResolvedArchitecture {
  const { family, width = 1 } = architecture;
  if (family === undefined) throw missing(["architecture", "family"]);
  const inputSize = square(architecture.inputSize) ?? facts.imageSize;
  const base = {
    layout: architecture.layout ?? defaultLayout(family, facts.method),
    classes: architecture.classes ?? facts.classes,
    inputSize,
    inputChannels: architecture.inputChannels ?? facts.channels,
    stem: { ...defaultStem(family, width, inputSize), ...architecture.stem },
  };
  if (family === "stages") return { ...base, family, stages: resolveStages(architecture) };
  if (family === "mobilenet-v2") return { ...base, family, width };
  return { ...base, family, depth: depthOf(architecture), width } as ResolvedArchitecture;
}

const depths = { resnet: [18, 34, 50, 101], "cifar-resnet": [20, 32, 56] } as const;

function depthOf({ family, depth }: Architecture): number {
  if (depth === undefined) throw missing(["architecture", "depth"]);
  const allowed: readonly number[] = family === "resnet" ? depths.resnet : depths["cifar-resnet"];
  if (allowed.includes(depth)) return depth;
  const path = ["architecture", "depth"];
  throw new N2uqError("N2UQ_RESOLVE_DEPTH", { family, depth, allowed: allowed.join(", "), path });
}

/** N2UQ networks are pre-activation; everything else is torchvision's, but MobileNetV2 is quantized as N2UQ builds it. */
function defaultLayout(
  family: NonNullable<Architecture["family"]>,
  method: ArchitectureFacts["method"],
): NetworkLayout {
  const quantizedMobileNet = family === "mobilenet-v2" && method !== "none";
  return method === "n2uq" || quantizedMobileNet ? "n2uq" : "torchvision";
}

function defaultStem(
  family: NonNullable<Architecture["family"]>,
  width: number,
  inputSize: readonly [number, number],
): ResolvedStem {
  const small = Math.min(...inputSize) < SMALL_IMAGE;
  if (family === "resnet") {
    const channels = Math.round(IMAGENET_STEM.channels * width);
    return small ? { ...SMALL_STEM, channels } : { ...IMAGENET_STEM, channels };
  }
  if (family === "mobilenet-v2") return small ? { ...MOBILENET_STEM, stride: 1 } : MOBILENET_STEM;
  return { ...SMALL_STEM, channels: Math.round(SMALL_STEM.channels * width) };
}

function resolveStages({ stages }: Architecture): ResolvedStage[] {
  if (stages === undefined || stages.length === 0) throw missing(["architecture", "stages"]);
  return stages.map(({ block, channels, blocks, stride = 1, expansion }) => ({
    block,
    channels,
    blocks,
    stride,
    expansion: expansion ?? (block === "inverted-residual" ? 6 : 1),
  }));
}
