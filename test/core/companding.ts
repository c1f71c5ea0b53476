import { clip } from "./byHand.js";

/** APoT, LCQ and LSQ+ from their papers' equations: float64, one value at a time. */

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
const meanOf = (values: readonly number[]) => sumOf(values) / values.length;
const signOf = (value: number) => (value >= 0 ? 1 : -1);

/** The quantizer of a ratio v = x/α or |w|/α: ascending levels in [0, 1] and the thresholds between them. */
export interface Unit {
  readonly levels: readonly number[];
  readonly thresholds: readonly number[];
  /** ∂g/∂θ for a ratio, by parameter; absent if the levels are fixed. */
  readonly slopes?: (ratio: number) => readonly number[];
}

const levelOf = ({ levels, thresholds }: Unit, ratio: number) =>
  levels[thresholds.filter((threshold) => ratio > threshold).length]!;

/** Moves values off the thresholds and off the ends, where float32 and float64 may disagree on the side. */
export function clearOf(values: Float32Array, unit: Unit, alpha: number): Float32Array {
  const edges = [0, 1, ...unit.thresholds];
  return values.map((value) =>
    edges.some((edge) => Math.abs(Math.abs(value) / alpha - edge) < 1e-4) ? value + 0.003 * alpha : value,
  );
}

/** The levels of APoT that these sets of terms give, in units of the largest. */
export function additive(sets: readonly (readonly number[])[]): Unit {
  const sums = sets.reduce<number[]>((all, set) => all.flatMap((sum) => set.map((term) => sum + term)), [0]);
  const levels = sums.map((sum) => sum / Math.max(...sums)).sort((a, b) => a - b);
  return { levels, thresholds: levels.slice(1).map((level, k) => (level + levels[k]!) / 2) };
}

/** The levels of LCQ with N steps. */
export function companded(theta: readonly number[], N: number): Unit {
  const K = theta.length;
  const powers = theta.map(Math.exp);
  const p = powers.map((power) => power / sumOf(powers));
  const before = p.map((_, m) => sumOf(p.slice(0, m)));
  const intervalOf = (q: number) => Math.max(0, before.filter((edge, m) => m === 0 || q > edge).length - 1);
  const expand = (q: number) => (intervalOf(q) + (q - before[intervalOf(q)]!) / p[intervalOf(q)]!) / K;
  const unit = {
    levels: Array.from({ length: N + 1 }, (_, k) => (k === N ? 1 : expand(k / N))),
    thresholds: Array.from({ length: N }, (_, k) => expand((k + 0.5) / N)),
  };
  const share = (ratio: number, m: number) => clip(K * ratio - m, 0, 1);
  const slopes = (ratio: number) => {
    const k = unit.thresholds.filter((threshold) => ratio > threshold).length;
    const gamma = K * p[intervalOf(k / N)]!;
    const byPart = p.map((_, m) => (share(ratio, m) - share(unit.levels[k]!, m)) / gamma);
    const mean = sumOf(byPart.map((slope, m) => slope * p[m]!));
    return byPart.map((slope, m) => p[m]! * (slope - mean));
  };
  return { ...unit, slopes };
}

/** Σ of flow times ∂g/∂θ. */
function dTheta(unit: Unit, flows: readonly number[], ratios: readonly number[]): number[] {
  const rows = ratios.map((ratio, i) => unit.slopes!(ratio).map((slope) => slope * flows[i]!));
  return rows[0]!.map((_, m) => sumOf(rows.map((row) => row[m]!)));
}

/** y = α·g(x/α) and its gradients. */
export function activationByHand(x: Float32Array, dy: Float32Array, alpha: number, unit: Unit) {
  const ratios = Array.from(x, (value) => value / alpha);
  const inside = ratios.map((ratio) => (ratio >= 0 && ratio <= 1 ? 1 : 0));
  const level = ratios.map((ratio) => levelOf(unit, clip(ratio, 0, 1)));
  const dx = inside.map((open, i) => open * dy[i]!);
  return {
    y: level.map((value) => alpha * value),
    dx,
    alpha: [sumOf(ratios.map((ratio, i) => dy[i]! * (level[i]! - inside[i]! * ratio)))],
    ...(unit.slopes && {
      theta: dTheta(
        unit,
        dx.map((flow) => flow * alpha),
        ratios,
      ),
    }),
  };
}

/** Q = scale·sign(v)·α·g(|v|/α) of normalized weights; with `byStd`, the scale is σ, else 1. */
export function weightByHand(w: Float32Array, dq: Float32Array, alpha: number, unit: Unit, byStd: boolean) {
  const mean = meanOf([...w]);
  const std = Math.sqrt(meanOf(Array.from(w, (value) => (value - mean) ** 2)));
  const scale = byStd ? std : 1;
  const v = Array.from(w, (value) => (value - mean) / std);
  const ratios = v.map((value) => Math.abs(value) / alpha);
  const inside = ratios.map((ratio) => (ratio <= 1 ? 1 : 0));
  const level = ratios.map((ratio) => levelOf(unit, Math.min(1, ratio)));
  const bySize = v.map((value, i) => dq[i]! * scale * signOf(value));
  const dv = inside.map((open, i) => open * dq[i]! * scale);
  const dStd = byStd ? sumOf(v.map((value, i) => dq[i]! * signOf(value) * alpha * level[i]!)) : 0;
  const along = meanOf(dv.map((slope, i) => slope * v[i]!));
  return {
    y: v.map((value, i) => scale * signOf(value) * alpha * level[i]!),
    dx: v.map((value, i) => (dv[i]! - meanOf(dv) - value * along) / std + (dStd * value) / w.length),
    alpha: [sumOf(bySize.map((slope, i) => slope * (level[i]! - inside[i]! * ratios[i]!)))],
    ...(unit.slopes && {
      theta: dTheta(
        unit,
        bySize.map((slope, i) => slope * inside[i]! * alpha),
        ratios,
      ),
    }),
  };
}
