import type { StepCase } from "./stepCases.js";
import type { PeerName } from "./stepPeers.js";

/** Limits of a comparison: of the peer's time divided by ours, and of our peak memory divided by the peer's. */
export interface Targets {
  readonly leastSpeed?: number;
  /** Instead of `leastSpeed`: our time divided by the peer's. */
  readonly mostTime?: number;
  readonly mostMemory?: number;
}

const FLOAT32: readonly PeerName[] = ["eager", "channels_last", "compiled"];
/** N2UQ against PyTorch on the CPU, by network and side, precision and mode. */
const ON_CPU: Readonly<Record<string, { readonly float32: Speeds; readonly bfloat16?: Speeds }>> = {
  "resnet18-224": {
    float32: { w2a2: 2.2, w4a4: 5, fp: 1.05 },
    bfloat16: { w2a2: 2.4, w4a4: 6, fp: 1.05 },
  },
  "resnet18-64": { float32: { w2a2: 2, fp: 1 } },
  "resnet20-32": { float32: { w2a2: 5, fp: 1.05 }, bfloat16: { fp: 1 } },
};
type Speeds = Readonly<Record<string, number>>;
/** ResNet-18 at 224 pixels with N2UQ against eager PyTorch on a GPU. */
const ON_GPU: Speeds = { w2a2: 2, w4a4: 4 };
/** Quantizers with nonuniform levels. */
const NONUNIFORM: readonly string[] = ["apot", "lcq"];

export function targetsOf(stepCase: StepCase, peer: PeerName, device: string): Targets {
  const { network, mode, side, method } = stepCase;
  if (peer === "n2uq") return { mostTime: NONUNIFORM.includes(method) ? 1.3 : 1.05 };
  const shape = `${network}-${side}`;
  if (method !== "n2uq") return {};
  if (peer === "full-precision") return shape === "resnet18-224" && mode === "w2a2" ? { mostTime: 0.9 } : {};
  if (device !== "cpu") return shape === "resnet18-224" && peer === "eager" ? speed(ON_GPU[mode]) : {};
  const { float32 = {}, bfloat16 = {} } = ON_CPU[shape] ?? {};
  if (peer === "bfloat16") return speed(bfloat16[mode]);
  if (!FLOAT32.includes(peer)) return {};
  const hasMemory = shape === "resnet18-224" && mode === "w4a4" && peer === "compiled";
  return { ...speed(float32[mode]), ...(hasMemory ? { mostMemory: 0.5 } : {}) };
}

function speed(leastSpeed: number | undefined): Targets {
  return leastSpeed === undefined ? {} : { leastSpeed };
}
