import type { RunRecord } from "../../src/runs/record.js";

/** The result of a run in the format of version 0.1.0, with the given values. */
export function runRecord(own: Partial<RunRecord> = {}): RunRecord {
  return {
    format: 1,
    name: "tiny",
    hash: "0faafb496028e1eb489cf191b0578058c63f7ef4ac46ac8b1806593079ffb4ef",
    architecture: "stages",
    method: "n2uq",
    bits: { weights: 2, activations: 2 },
    seed: 0,
    epochs: 2,
    steps: 8,
    best: { epoch: 1, loss: 1, top1: 50, top5: 99 },
    final: { loss: 1, top1: 50, top5: 99 },
    fullPrecision: null,
    totals: { parameters: 10, macs: 100, bitOps: 400, packedBytes: 20 },
    weights: "22ebe2f352261a831f72bfd51c69f599467eaa68d49b7616560f6ec5af610e02",
    timing: { seconds: 1, imagesPerSecond: 128 },
    environment: {
      n2uq: "0.1.0",
      node: "v20.20.2",
      platform: "linux-x64",
      engine: { name: "wasm", version: "4.22.0", device: "CPU" },
      tfjs: "4.22.0",
      gitCommit: null,
      gitDirty: null,
    },
    ...own,
  };
}
