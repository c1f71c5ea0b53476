import { join } from "node:path";
import type { StepCase } from "./stepCases.js";
import { variantOf } from "./stepCases.js";

/** What our step of a case is compared with. */
export interface Peer {
  /** What it is, for a table. */
  readonly title: string;
  /** The program of its process: bench/step.py, or bench/step.ts like our side. */
  readonly program: "python" | "n2uq";
  /** The precision of both sides. */
  readonly precision: "float32" | "bfloat16";
  /** The case that the peer computes; null if a comparison with this case is impossible. */
  counterpart(stepCase: StepCase): StepCase | null;
}

const isQuantized = ({ mode }: StepCase) => mode !== "fp";
/** bench/step.py has N2UQ and LSQ. */
const same = (stepCase: StepCase) => (["n2uq", "lsq"].includes(stepCase.method) ? stepCase : null);
const pytorch = { program: "python", precision: "float32", counterpart: same } as const;
const ours = { program: "n2uq", precision: "float32" } as const;

export const peers = {
  eager: { ...pytorch, title: "eager, channels first" },
  channels_last: { ...pytorch, title: "eager, channels last" },
  compiled: { ...pytorch, title: "compiled, channels last, fused Adam" },
  bfloat16: {
    ...pytorch,
    title: "autocast, compiled, channels last, fused Adam",
    precision: "bfloat16",
  },
  /** The case's network and bits, with learned scales: what LSQ computes. */
  brevitas: {
    ...pytorch,
    title: "learned scales, eager, channels last",
    counterpart: (stepCase) => (isQuantized(stepCase) ? variantOf(stepCase, stepCase.mode, "lsq") : null),
  },
  /** The same network without quantizers, on our engine. */
  "full-precision": {
    ...ours,
    title: "full precision",
    counterpart: (stepCase) => (isQuantized(stepCase) ? variantOf(stepCase, "fp") : null),
  },
  /** The same network and bits with N2UQ instead of another quantizer, on our engine. */
  n2uq: {
    ...ours,
    title: "N2UQ",
    counterpart: (stepCase) => (stepCase.method === "n2uq" ? null : variantOf(stepCase, stepCase.mode)),
  },
} satisfies Readonly<Record<string, Peer>>;

export type PeerName = keyof typeof peers;

/** @throws RangeError */
export function parsePeer(name: string): PeerName {
  if (name in peers) return name as PeerName;
  throw new RangeError(`no peer ${name}: one of ${Object.keys(peers).join(", ")}`);
}

/** A case of ours and what it is compared with. */
export interface Comparison {
  readonly stepCase: StepCase;
  readonly peer: PeerName;
  /** The case that the peer computes. */
  readonly counterpart: StepCase;
}

/** Every possible comparison of the cases with the peers, case by case. */
export function comparisonsOf(cases: readonly StepCase[], names: readonly PeerName[]): readonly Comparison[] {
  return cases.flatMap((stepCase) =>
    names.flatMap((peer) => {
      const counterpart = (peers[peer] as Peer).counterpart(stepCase);
      return counterpart === null ? [] : [{ stepCase, peer, counterpart }];
    }),
  );
}

/** The Python of the peers and the script that it runs. */
export const PYTHON = process.env.N2UQ_PYTHON ?? "/usr/bin/python3";
export const SCRIPT = join(process.cwd(), "bench", "step.py");
