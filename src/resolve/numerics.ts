import type { ResolvedTraining } from "./types.js";

/** A fix that changed results without changing any experiment. */
interface Fix {
  /** The numerics number since which it is in force. */
  readonly since: number;
  /** What was wrong, ending the sentence "computed before a fix: …". */
  readonly what: string;
  /** Whether it concerns an experiment; what is not known of it is undefined. */
  readonly concerns: (training: Partial<Pick<ResolvedTraining, "precision">>) => boolean;
}

/** Every such fix. A new one raises NUMERICS by one. */
const FIXES: readonly Fix[] = [
  {
    since: 2,
    what: "sums and statistics were taken in the lowered precision too",
    concerns: ({ precision = "float32" }) => precision !== "float32",
  },
];

/** Recorded with each result, so that one from before a fix can be told. */
export const NUMERICS = 2;

/** What was fixed since a result was computed, and concerns it. A record without a number is older than the first. */
export function fixedSince(numerics: number | undefined, training: Parameters<Fix["concerns"]>[0]): string[] {
  return FIXES.filter(({ since, concerns }) => since > (numerics ?? 1) && concerns(training)).map(
    ({ what }) => what,
  );
}
