// Generated from schemas/run.schema.json by `npm run schemas`. Do not edit.

/**
 * The files of a run directory, and of a sweep's folder, by their names. Unknown keys are ignored: a later version may add some.
 */
export interface RunFiles {
  "resolved.yaml"?: Resolved;
  "identity.json"?: Identity;
  "sources.json"?: Sources;
  "environment.json"?: Environment;
  lock?: Lock;
  /**
   * A line for a recorded training step, or the end of an epoch.
   */
  "metrics.jsonl"?: (MetricsStep | MetricsEpoch)[];
  "start.json"?: StartRecord;
  "analysis.json"?: Analysis;
  "failed.json"?: Failure;
  "result.json"?: Result;
  "sweep.json"?: Ledger;
  "slurm.json"?: JobBook;
  [k: string]:
    | Progress
    | SearchRecord
    | Resolved
    | Identity
    | Sources
    | Environment
    | Lock
    | (MetricsStep | MetricsEpoch)[]
    | StartRecord
    | Analysis
    | Failure
    | Result
    | Ledger
    | JobBook
    | undefined;
}
/**
 * `resolved.yaml`: every value of the experiment. It is an experiment file itself, with the schema `experiment.schema.json`; a reader of runs asks for its sections only.
 */
export interface Resolved {
  /**
   * Name of the experiment.
   */
  name: string;
  /**
   * The section `architecture` of the experiment.
   */
  architecture: {};
  /**
   * The section `quantization` of the experiment.
   */
  quantization: {};
  /**
   * The section `data` of the experiment.
   */
  data: {};
  /**
   * The section `training` of the experiment.
   */
  training: {};
}
/**
 * `identity.json`: which experiment a run directory belongs to.
 */
export interface Identity {
  /**
   * Version of this file's form. A file of another one is left alone.
   */
  format: 1;
  /**
   * Name of the experiment.
   */
  name: string;
  /**
   * Hash of the experiment.
   */
  hash: string;
  /**
   * Hash of the recipe alone.
   */
  recipe: string;
  /**
   * Digests of what is read from files.
   */
  content?: {
    /**
     * Of the images.
     */
    data?: string | null;
    /**
     * Of the teacher's weights.
     */
    teacher?: string | null;
    /**
     * Of the initial weights.
     */
    init?: string | null;
  };
  /**
   * Their absolute paths.
   */
  places?: {
    /**
     * Of the images.
     */
    data?: string;
    /**
     * Of the teacher's weights.
     */
    teacher?: string;
    /**
     * Of the initial weights.
     */
    init?: string;
  };
  /**
   * Of images in files; null for all other data.
   */
  data?: {
    /**
     * SHA-256 of names, sizes and a sample of the bytes.
     */
    digest: string;
    /**
     * Images of a split.
     */
    train: {
      /**
       * How many.
       */
      images: number;
      /**
       * Images by class, in the order of the labels.
       */
      classes: {
        [k: string]: number;
      };
    };
    /**
     * Images of a split.
     */
    test: {
      /**
       * How many.
       */
      images: number;
      /**
       * Images by class, in the order of the labels.
       */
      classes: {
        [k: string]: number;
      };
    };
  } | null;
  /**
   * Hashes that the run had before `n2uq runs --rehash`.
   */
  formerly?: string[];
}
/**
 * `sources.json`: where each value of the experiment came from, by its path.
 */
export interface Sources {
  [k: string]: string;
}
/**
 * What a run was made with.
 */
export interface Environment {
  /**
   * Version of n2uq.
   */
  n2uq: string;
  /**
   * Version of Node.js.
   */
  node: string;
  /**
   * Operating system and processor.
   */
  platform: string;
  /**
   * The engine.
   */
  engine: {
    /**
     * Its name.
     */
    name: string;
    /**
     * Its version.
     */
    version: string;
    /**
     * What it ran on.
     */
    device: string;
  };
  /**
   * Version of tfjs-core.
   */
  tfjs: string;
  /**
   * Commit of the folder in which n2uq was called; null outside of a repository.
   */
  gitCommit: string | null;
  /**
   * Whether that folder had uncommitted changes.
   */
  gitDirty: boolean | null;
  /**
   * The plug-ins that were loaded; absent where there were none.
   */
  plugins?: {
    /**
     * Its name.
     */
    name: string;
    /**
     * Of its module.
     */
    sha256: string;
  }[];
  /**
   * Besides the engine, everything that can change the last bits of a result; absent in records of older versions.
   */
  machine?: {
    /**
     * Its name.
     */
    processor: string;
    /**
     * Instruction sets of the processor by which libraries choose their code: `avx2`, `avx512f`, `avx512_bf16`, `amx_bf16`.
     */
    instructions: string[];
    /**
     * The vector instructions that the engine uses, where it says so.
     */
    vectors: string | null;
    /**
     * Threads of one operation, in each rank.
     */
    threads: number;
    /**
     * Processes that trained together.
     */
    ranks: number;
  };
}
/**
 * `lock`: the process that holds a directory.
 */
export interface Lock {
  /**
   * Number of the process.
   */
  pid: number;
  /**
   * Name of its machine.
   */
  host: string;
  /**
   * ISO time of its last heartbeat.
   */
  beat: string;
  /**
   * How far the process has come; null before the first step.
   */
  progress: {
    /**
     * Optimizer steps done.
     */
    step: number;
    /**
     * Total steps of the run.
     */
    totalSteps: number;
    /**
     * Mean over images; null where it is not a finite number (a diverged run).
     */
    loss: number | null;
    /**
     * Estimated seconds to the end.
     */
    secondsLeft: number | null;
  } | null;
}
/**
 * A training step in `metrics.jsonl`.
 */
export interface MetricsStep {
  /**
   * Kind of the line.
   */
  type: "step";
  /**
   * Optimizer steps done.
   */
  step: number;
  /**
   * Epoch, from 1.
   */
  epoch: number;
  /**
   * Mean over images; null where it is not a finite number (a diverged run).
   */
  loss: number | null;
  /**
   * Accuracy in percent.
   */
  top1: number;
  /**
   * Learning rate.
   */
  lr: number;
}
/**
 * The end of an epoch in `metrics.jsonl`.
 */
export interface MetricsEpoch {
  /**
   * Kind of the line.
   */
  type: "epoch";
  /**
   * Optimizer steps done.
   */
  step: number;
  /**
   * Epoch, from 1.
   */
  epoch: number;
  /**
   * Over the epoch's training batches.
   */
  train: {
    /**
     * Mean over images; null where it is not a finite number (a diverged run).
     */
    loss: number | null;
    /**
     * Accuracy in percent.
     */
    top1: number;
    /**
     * Share of images with their label among the five likeliest classes, in percent.
     */
    top5: number;
  };
  /**
   * Over the validation images.
   */
  validation: {
    /**
     * Mean over images; null where it is not a finite number (a diverged run).
     */
    loss: number | null;
    /**
     * Accuracy in percent.
     */
    top1: number;
    /**
     * Share of images with their label among the five likeliest classes, in percent.
     */
    top5: number;
  };
  /**
   * Whether it is the best epoch so far.
   */
  best: boolean;
  /**
   * Learning rate.
   */
  lr: number;
  /**
   * Euclidean norm of the gradient at the epoch's last step.
   */
  gradientNorm: number | null;
}
/**
 * `start.json`: the activation quantizers when training began.
 */
export interface StartRecord {
  /**
   * Version of this file's form. A file of another one is left alone.
   */
  format: 1;
  /**
   * Hash of the experiment.
   */
  hash: string;
  /**
   * By layer.
   */
  staircases: {
    /**
     * An activation quantizer: an input above the first k thresholds becomes level k.
     */
    [k: string]: {
      /**
       * Ascending, in units of the input.
       */
      thresholds: (number | null)[];
      /**
       * One more than thresholds, in units of the output.
       */
      levels: (number | null)[];
    };
  };
}
/**
 * `analysis.json`: what the best weights of a finished run look like.
 */
export interface Analysis {
  /**
   * Version of this file's form. A file of another one is left alone.
   */
  format: 1;
  /**
   * Hash of the experiment.
   */
  hash: string;
  /**
   * Validation images over which activations are counted.
   */
  images: number;
  /**
   * Every layer's cost.
   *
   * Items: A layer.
   */
  layers: {
    /**
     * Name of the layer.
     */
    id: string;
    /**
     * Kind of the layer.
     */
    kind: string;
    /**
     * Shape of its output.
     */
    outputShape: number[];
    /**
     * Bits of the weights; null without weights.
     */
    weightBits: number | null;
    /**
     * Bits of the input; null without weights.
     */
    activationBits: number | null;
    /**
     * Quantization method.
     */
    method: string;
    /**
     * Number of weights and other parameters.
     */
    parameters: number;
    /**
     * Multiplications of one image.
     */
    macs: number;
    /**
     * Multiplications, each times its weight bits and activation bits.
     */
    bitOps: number;
    /**
     * Size with weights packed at their bits.
     */
    packedBytes: number;
  }[];
  /**
   * Quantized weights, by layer.
   *
   * Items: A layer's weights.
   */
  weights: {
    /**
     * The layer.
     */
    layer: string;
    /**
     * Quantization method.
     */
    method: string;
    /**
     * Bits.
     */
    bits: number;
    /**
     * Values that the quantizer takes.
     */
    levels: (number | null)[];
    /**
     * How often it takes each.
     */
    counts: (number | null)[];
    /**
     * Entropy of that in bits.
     */
    entropy: number | null;
  }[];
  /**
   * Quantized activations, by layer.
   *
   * Items: A layer's activations.
   */
  activations: {
    /**
     * The layer.
     */
    layer: string;
    /**
     * Quantization method.
     */
    method: string;
    /**
     * Bits.
     */
    bits: number;
    /**
     * Values that the quantizer takes.
     */
    levels: (number | null)[];
    /**
     * How often it takes each.
     */
    counts: (number | null)[];
    /**
     * Entropy of that in bits.
     */
    entropy: number | null;
    /**
     * As training began; null where it was not recorded.
     */
    start: {
      /**
       * Ascending, in units of the input.
       */
      thresholds: (number | null)[];
      /**
       * One more than thresholds, in units of the output.
       */
      levels: (number | null)[];
    } | null;
    /**
     * An activation quantizer: an input above the first k thresholds becomes level k.
     */
    end: {
      /**
       * Ascending, in units of the input.
       */
      thresholds: (number | null)[];
      /**
       * One more than thresholds, in units of the output.
       */
      levels: (number | null)[];
    };
  }[];
}
/**
 * `failed.json`: how the last try of a run ended; removed when the run is tried again.
 */
export interface Failure {
  /**
   * An error's code, or what happened to the process.
   */
  code: string;
  /**
   * The error's message.
   */
  message: string;
  /**
   * ISO time.
   */
  time: string;
}
/**
 * `result.json`: what a finished run found.
 */
export interface Result {
  /**
   * Version of this file's form. A file of another one is left alone.
   */
  format: 1;
  /**
   * Name of the experiment.
   */
  name: string;
  /**
   * Hash of the experiment.
   */
  hash: string;
  /**
   * Hash of the recipe alone, without the data and weights that are read; absent in results of versions before numerics 2.
   */
  recipe?: string;
  /**
   * Raised when a fix changes results; absent: 1.
   */
  numerics?: number;
  /**
   * Network.
   */
  architecture: string;
  /**
   * Quantization method.
   */
  method: string;
  /**
   * Bits of weights and activations; null in full precision.
   */
  bits: {
    /**
     * Bits of the weights.
     */
    weights: number;
    /**
     * Bits of the activations.
     */
    activations: number;
  } | null;
  /**
   * Seed of the training.
   */
  seed: number;
  /**
   * Epochs trained.
   */
  epochs: number;
  /**
   * Optimizer steps done.
   */
  steps: number;
  /**
   * Validation after the best epoch.
   */
  best: {
    /**
     * Epoch, from 1.
     */
    epoch: number;
    /**
     * Mean over images; null where it is not a finite number (a diverged run).
     */
    loss: number | null;
    /**
     * Accuracy in percent.
     */
    top1: number;
    /**
     * Share of images with their label among the five likeliest classes, in percent.
     */
    top5: number;
  };
  /**
   * Validation after the last epoch.
   */
  final: {
    /**
     * Mean over images; null where it is not a finite number (a diverged run).
     */
    loss: number | null;
    /**
     * Accuracy in percent.
     */
    top1: number;
    /**
     * Share of images with their label among the five likeliest classes, in percent.
     */
    top5: number;
  };
  /**
   * The full-precision experiment that the run started or learned from; null where there is none.
   */
  fullPrecision: {
    /**
     * Name of the experiment.
     */
    name: string;
    /**
     * Hash of the experiment.
     */
    hash: string;
    /**
     * Its network.
     */
    architecture: string;
    /**
     * Multiplications, each times its weight bits and activation bits.
     */
    bitOps: number;
    /**
     * Size with weights packed at their bits.
     */
    packedBytes: number;
    /**
     * Mean over images; null where it is not a finite number (a diverged run).
     */
    loss: number | null;
    /**
     * Accuracy in percent.
     */
    top1: number;
    /**
     * Share of images with their label among the five likeliest classes, in percent.
     */
    top5: number;
  } | null;
  /**
   * What the network costs.
   */
  totals: {
    /**
     * Number of weights and other parameters.
     */
    parameters: number;
    /**
     * Multiplications of one image.
     */
    macs: number;
    /**
     * Multiplications, each times its weight bits and activation bits.
     */
    bitOps: number;
    /**
     * Size with weights packed at their bits.
     */
    packedBytes: number;
  };
  /**
   * SHA-256 of the final weights.
   */
  weights: string;
  /**
   * How long training took.
   */
  timing: {
    /**
     * Seconds of training.
     */
    seconds: number;
    /**
     * Training images a second.
     */
    imagesPerSecond: number | null;
  };
  /**
   * What a run was made with.
   */
  environment: {
    /**
     * Version of n2uq.
     */
    n2uq: string;
    /**
     * Version of Node.js.
     */
    node: string;
    /**
     * Operating system and processor.
     */
    platform: string;
    /**
     * The engine.
     */
    engine: {
      /**
       * Its name.
       */
      name: string;
      /**
       * Its version.
       */
      version: string;
      /**
       * What it ran on.
       */
      device: string;
    };
    /**
     * Version of tfjs-core.
     */
    tfjs: string;
    /**
     * Commit of the folder in which n2uq was called; null outside of a repository.
     */
    gitCommit: string | null;
    /**
     * Whether that folder had uncommitted changes.
     */
    gitDirty: boolean | null;
    /**
     * The plug-ins that were loaded; absent where there were none.
     */
    plugins?: {
      /**
       * Its name.
       */
      name: string;
      /**
       * Of its module.
       */
      sha256: string;
    }[];
  };
  /**
   * Layers that give the same whatever comes in, or did for a while; absent in records of older versions.
   */
  deadLayers?: {
    /**
     * The quantizer, or the layer whose weights are quantized.
     */
    layer: string;
    /**
     * The parameter at or below its bound; null if only the output shows it.
     */
    parameter: string | null;
    /**
     * At or below this the parameter is clamped.
     */
    bound: number | null;
    /**
     * Steps after which it was so.
     */
    steps: number;
    /**
     * The first of them.
     */
    firstStep: number | null;
    /**
     * Whether it was so after the last step.
     */
    atEnd: boolean;
    /**
     * The parameter's last value, or the only level; null where it is not a finite number (a diverged run).
     */
    value: number | null;
  }[];
}
/**
 * `sweeps/NAME-HASH/sweep.json`: the runs of a sweep.
 */
export interface Ledger {
  /**
   * Version of this file's form. A file of another one is left alone.
   */
  format: 1;
  /**
   * Name of the experiment.
   */
  name: string;
  /**
   * Hash of the experiment.
   */
  hash: string;
  /**
   * The sweep file, relative to the runs folder.
   */
  file: string | null;
  /**
   * Version of n2uq.
   */
  n2uq: string;
  /**
   * ISO time of its first start.
   */
  created: string;
  /**
   * Its runs, those that others need first.
   *
   * Items: A run of a sweep.
   */
  cells: {
    /**
     * Hash of the experiment.
     */
    hash: string;
    /**
     * Name of the experiment.
     */
    name: string;
    /**
     * Values of the axes, as written.
     */
    values: {
      [k: string]: string;
    };
    /**
     * Hashes of the runs that must be done before.
     */
    needs: string[];
    /**
     * Machines that it trains on.
     */
    nodes?: number;
    /**
     * Whether it is needed by cells and no cell itself.
     */
    shared: boolean;
    /**
     * Multiplications, each times its weight bits and activation bits.
     */
    bitOps: number;
    /**
     * Optimizer steps done.
     */
    steps: number;
    /**
     * Name of its run directory.
     */
    directory: string;
  }[];
}
/**
 * `sweeps/NAME-HASH/slurm.json`: what of a sweep was given to Slurm.
 */
export interface JobBook {
  /**
   * Version of this file's form. A file of another one is left alone.
   */
  format: 1;
  /**
   * Job arrays in the order in which they were submitted.
   *
   * Items: A job array.
   */
  submissions: {
    /**
     * Name of the job.
     */
    name: string;
    /**
     * Number of the job; null until sbatch has reported it.
     */
    job: string | null;
    /**
     * Number of the user who submitted it.
     */
    user: number;
    /**
     * ISO time.
     */
    submitted: string;
    /**
     * Jobs, and elements of arrays (`12_3`), that must succeed before this one starts.
     */
    after: string[];
    /**
     * Hashes of its runs, by index.
     */
    cells: string[];
  }[];
}
/**
 * How far training has come: the text `progress` in the metadata of `checkpoints/last.safetensors`.
 *
 * This interface was referenced by `RunFiles`'s JSON-Schema definition
 * via the `patternProperty` "^checkpoints/.*\.safetensors$".
 */
export interface Progress {
  /**
   * Completed optimizer steps.
   */
  step: number;
  /**
   * Completed epochs.
   */
  epoch: number;
  /**
   * Completed batches of the next epoch.
   */
  batch: number;
  /**
   * Sums over the images of the current epoch, so that a resumed epoch reports the same metrics as an uninterrupted one.
   */
  sums: {
    /**
     * Number of images.
     */
    images: number;
    /**
     * Sum of the losses; "NaN" or "Infinity" where it is no finite number.
     */
    loss: number | string;
    /**
     * Correct images.
     */
    top1: number;
    /**
     * Images with the correct class among the first five.
     */
    top5: number;
  };
  /**
   * Gradient norm at the epoch's last step; null until that is done.
   */
  gradientNorm: number | string | null;
  /**
   * The best validation; null before the first.
   */
  best: {
    /**
     * Its epoch.
     */
    epoch: number;
    /**
     * Mean over images; "NaN" or "Infinity" where it is no finite number (a diverged run).
     */
    loss: number | string;
    /**
     * Percentage.
     */
    top1: number;
    /**
     * Percentage.
     */
    top5: number;
  } | null;
  /**
   * The last validation; null before the first.
   */
  last: {
    /**
     * Mean over images; "NaN" or "Infinity" where it is no finite number (a diverged run).
     */
    loss: number | string;
    /**
     * Percentage.
     */
    top1: number;
    /**
     * Percentage.
     */
    top5: number;
  } | null;
  /**
   * Training time so far, in seconds.
   */
  seconds: number;
  /**
   * Quantizer parameters that were clamped to their bounds, by name; absent in checkpoints of older versions.
   */
  clamped?: {
    /**
     * A parameter that was clamped.
     */
    [k: string]: {
      /**
       * Number of steps at which it was.
       */
      steps: number;
      /**
       * The first of them.
       */
      firstStep: number;
    };
  };
}
/**
 * `search-NAME.json`: what a search for mixed precision saw on this run.
 *
 * This interface was referenced by `RunFiles`'s JSON-Schema definition
 * via the `patternProperty` "^search-.*\.json$".
 */
export interface SearchRecord {
  /**
   * Version of this file's form. A file of another one is left alone.
   */
  format: 1;
  /**
   * Name of the experiment.
   */
  name: string;
  /**
   * With every layer at its largest bits, on the held-out images.
   */
  baseline: {
    /**
     * Mean over images; null where it is not a finite number (a diverged run).
     */
    loss: number | null;
    /**
     * Accuracy in percent.
     */
    top1: number;
  };
  /**
   * The limited quantity, and its value for the choice.
   */
  costs: {
    /**
     * A limit.
     */
    [k: string]: {
      /**
       * The limit.
       */
      limit: number;
      /**
       * What the choice costs.
       */
      found: number;
    };
  };
  /**
   * The searched layers.
   *
   * Items: A layer.
   */
  layers: {
    /**
     * Name of the layer.
     */
    layer: string;
    /**
     * Added loss by candidate bits; null where it is not a finite number.
     */
    penalties: {
      [k: string]: number | null;
    };
    /**
     * The chosen bits.
     */
    bits: number;
  }[];
}
