import type { EpochPoint, SearchRecord, StepPoint } from "../src/report/history.js";
import type { Analysis, RunRecord } from "../src/train/record.js";

/** Whether a value read from a file has what a report needs of a run's result. */
export function isRecord(value: unknown): value is RunRecord {
  if (!isObject(value) || value.format !== 1) return false;
  const { best, final, totals, timing, environment, bits } = value;
  return (
    areStrings(value, "name", "hash", "architecture", "method") &&
    areNumbers(value, "seed", "epochs", "steps") &&
    areNumbers(best, "epoch", "loss", "top1", "top5") &&
    areNumbers(final, "loss", "top1", "top5") &&
    areNumbers(totals, "parameters", "macs", "bitOps", "packedBytes") &&
    areNumbers(timing, "seconds", "imagesPerSecond") &&
    isObject(environment) &&
    areStrings(environment.engine, "name", "version", "device") &&
    (environment.machine === undefined || isMachine(environment.machine)) &&
    (bits === null || areNumbers(bits, "weights", "activations"))
  );
}

function isMachine(value: unknown): boolean {
  if (!isObject(value) || !Array.isArray(value.instructions)) return false;
  const { vectors } = value;
  const known = vectors === null || typeof vectors === "string";
  return known && areStrings(value, "processor") && areNumbers(value, "threads", "ranks");
}

/** Whether a value read from a file has what a report needs of an analysis. */
export function isAnalysis(value: unknown): value is Analysis {
  if (!isObject(value) || value.format !== 1) return false;
  const { layers, weights, activations } = value;
  const isUse = (one: unknown) =>
    areStrings(one, "layer", "method") &&
    areNumbers(one, "bits", "entropy") &&
    isObject(one) &&
    isNumbers(one.levels) &&
    isNumbers(one.counts);
  const isStaircase = (one: unknown) => isObject(one) && isNumbers(one.thresholds) && isNumbers(one.levels);
  return (
    areNumbers(value, "images") &&
    areStrings(value, "hash") &&
    isEvery(
      layers,
      (one) => areStrings(one, "id", "kind") && areNumbers(one, "macs", "bitOps", "packedBytes"),
    ) &&
    isEvery(weights, isUse) &&
    isEvery(
      activations,
      (one) =>
        isUse(one) && isObject(one) && isStaircase(one.end) && (one.start === null || isStaircase(one.start)),
    )
  );
}

/** Whether a line of metrics.jsonl is a step's. */
export function isStepPoint(value: unknown): value is StepPoint {
  return isObject(value) && value.type === "step" && areNumbers(value, "step", "epoch", "loss", "top1", "lr");
}

/** Whether a line of metrics.jsonl is an epoch's. */
export function isEpochPoint(value: unknown): value is EpochPoint {
  return (
    isObject(value) &&
    value.type === "epoch" &&
    areNumbers(value, "step", "epoch", "lr") &&
    areNumbers(value.validation, "loss", "top1", "top5")
  );
}

/** Whether a value read from a file is a search's record. */
export function isSearch(value: unknown): value is SearchRecord {
  if (!isObject(value) || value.format !== 1) return false;
  const { baseline, costs, layers } = value;
  const numbers = (one: unknown) => isObject(one) && isNumbers(Object.values(one));
  return (
    areStrings(value, "name") &&
    areNumbers(baseline, "loss", "top1") &&
    isObject(costs) &&
    Object.values(costs).every((one) => areNumbers(one, "limit", "found")) &&
    isEvery(
      layers,
      (one) => areStrings(one, "layer") && areNumbers(one, "bits") && isObject(one) && numbers(one.penalties),
    )
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEvery(value: unknown, check: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(check);
}

function isNumbers(value: unknown): boolean {
  return isEvery(value, (one) => typeof one === "number");
}

function areNumbers(value: unknown, ...keys: readonly string[]): boolean {
  return isObject(value) && keys.every((key) => typeof value[key] === "number");
}

function areStrings(value: unknown, ...keys: readonly string[]): boolean {
  return isObject(value) && keys.every((key) => typeof value[key] === "string");
}
