/** What of an experiment decides whether a fix concerns it: a part of a resolved one, or of its YAML. */
export interface FixedExperiment {
  readonly training?: { readonly precision?: string };
  readonly augmentation?: { readonly kind?: string };
  readonly data?: { readonly dataset?: string };
}

/** A fix that changed results without changing any experiment. */
interface Fix {
  /** The numerics number since which it is in force. */
  readonly since: number;
  /** What was wrong, ending the sentence "computed before a fix: …". */
  readonly what: string;
  readonly concerns: (experiment: FixedExperiment) => boolean;
}

const IN_FILES = ["imagenet", "image-folder", "shards"];
const isCropped = ({ augmentation }: FixedExperiment) => augmentation?.kind === "random-resized-crop";

/** Every such fix. A new one raises NUMERICS by one. */
const FIXES: readonly Fix[] = [
  {
    since: 2,
    what: "sums and statistics were taken in the lowered precision too",
    concerns: ({ training }) => (training?.precision ?? "float32") !== "float32",
  },
  {
    since: 2,
    what: "random-resized-crop was ignored on images in memory",
    concerns: (experiment) => isCropped(experiment) && !IN_FILES.includes(experiment.data?.dataset ?? ""),
  },
  {
    since: 2,
    what: "random crops of PNG and TIFF files were resampled with pixels from beyond their edges",
    concerns: (experiment) => isCropped(experiment) && IN_FILES.includes(experiment.data?.dataset ?? ""),
  },
];

/** Recorded with each result, so that one from before a fix can be told. */
export const NUMERICS = 2;

/** What was fixed since a result was computed, and concerns it. A record without a number is older than the first. */
export function fixedSince(numerics: number | undefined, experiment: FixedExperiment): string[] {
  return FIXES.filter(({ since, concerns }) => since > (numerics ?? 1) && concerns(experiment)).map(
    ({ what }) => what,
  );
}
