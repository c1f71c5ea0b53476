/** The parts of an experiment (resolved or YAML) that decide whether a fix affects it. */
export interface FixedExperiment {
  readonly training?: { readonly precision?: string };
  readonly augmentation?: { readonly kind?: string };
  readonly data?: { readonly dataset?: string };
  readonly quantization?: { readonly method?: string };
  readonly architecture?: {
    readonly width?: number;
    readonly stages?: readonly { readonly channels?: number }[];
  };
}

/** A fix that changed results of unchanged experiments. */
interface Fix {
  /** The value of NUMERICS since this fix. */
  readonly since: number;
  /** What was wrong; completes the sentence "computed before a fix: …". */
  readonly what: string;
  readonly concerns: (experiment: FixedExperiment) => boolean;
}

const IN_FILES = ["imagenet", "image-folder", "shards"];
const isCropped = ({ augmentation }: FixedExperiment) => augmentation?.kind === "random-resized-crop";

/** All such fixes. A new fix increments NUMERICS. */
const FIXES: readonly Fix[] = [
  {
    since: 2,
    what: "sums and statistics were also computed in the lower precision",
    concerns: ({ training }) => (training?.precision ?? "float32") !== "float32",
  },
  {
    since: 2,
    what: "random-resized-crop was ignored on images in memory",
    concerns: (experiment) => isCropped(experiment) && !IN_FILES.includes(experiment.data?.dataset ?? ""),
  },
  {
    since: 2,
    what: "random crops of PNG and TIFF files were resampled with pixels from outside the crop",
    concerns: (experiment) => isCropped(experiment) && IN_FILES.includes(experiment.data?.dataset ?? ""),
  },
  {
    since: 3,
    what: "weights of a convolution with one output channel were scaled per input channel",
    concerns: ({ quantization, architecture: { width = 1, stages = [] } = {} }) =>
      quantization?.method === "n2uq" &&
      stages.some(({ channels = 0 }) => Math.round(channels * width) === 1),
  },
];

/** Recorded with each result, to recognize results from before a fix. */
export const NUMERICS = 3;

/**
 * The fixes that affect a result and are newer than it. A record without a number is older than all fixes.
 */
export function fixedSince(numerics: number | undefined, experiment: FixedExperiment): string[] {
  return FIXES.filter(({ since, concerns }) => since > (numerics ?? 1) && concerns(experiment)).map(
    ({ what }) => what,
  );
}
