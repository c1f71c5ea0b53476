// Generated from schemas/run.schema.json by `npm run schemas`. Do not edit.

/**
 * The files of a run directory and of a sweep's folder, by their names. Unknown keys are ignored, because a later version may add keys.
 */
export interface RunFiles {
  "resolved.yaml"?: Resolved;
  "identity.json"?: Identity;
  "sources.json"?: Sources;
  "environment.json"?: Environment;
  lock?: Lock;
  /**
   * One line per recorded training step and per end of an epoch.
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
 * `resolved.yaml`: every value of the experiment. The file is an experiment with the schema `experiment.schema.json`; to read runs, only its sections are required.
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
   * Version of the file's format. A file with another version is not used.
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
   * Hash of the recipe only.
   */
  recipe: string;
  /**
   * Digests of the inputs that are read from files.
   */
  content?: {
    /**
     * The images.
     */
    data?: string | null;
    /**
     * The teacher's weights.
     */
    teacher?: string | null;
    /**
     * The initial weights.
     */
    init?: string | null;
  };
  /**
   * Absolute paths of these inputs.
   */
  places?: {
    /**
     * The images.
     */
    data?: string;
    /**
     * The teacher's weights.
     */
    teacher?: string;
    /**
     * The initial weights.
     */
    init?: string;
  };
  /**
   * Fingerprint of images in files; null for all other data.
   */
  data?: {
    /**
     * SHA-256 of names, sizes and a sample of the bytes.
     */
    digest: string;
    /**
     * The images of a split.
     */
    train: {
      /**
       * Number of images.
       */
      images: number;
      /**
       * Number of images by class, in the order of the labels.
       */
      classes: {
        [k: string]: number;
      };
    };
    /**
     * The images of a split.
     */
    test: {
      /**
       * Number of images.
       */
      images: number;
      /**
       * Number of images by class, in the order of the labels.
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
 * `sources.json`: the origin of each value of the experiment, by path.
 */
export interface Sources {
  [k: string]: string;
}
/**
 * The environment of a run.
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
     * Name of the engine.
     */
    name: string;
    /**
     * Version of the engine.
     */
    version: string;
    /**
     * The device that computed.
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
   * The plug-ins that were loaded; absent if there were none.
   */
  plugins?: {
    /**
     * Name of the plug-in.
     */
    name: string;
    /**
     * SHA-256 of the plug-in's module.
     */
    sha256: string;
  }[];
  /**
   * Besides the engine, everything that can change the last bits of a result; absent in records of older versions.
   */
  machine?: {
    /**
     * Name of the processor.
     */
    processor: string;
    /**
     * Instruction sets of the processor by which libraries choose their code: `avx2`, `avx512f`, `avx512_bf16`, `amx_bf16`.
     */
    instructions: string[];
    /**
     * The vector instructions that the engine uses, if it reports them.
     */
    vectors: string | null;
    /**
     * Number of threads per operation, in each rank.
     */
    threads: number;
    /**
     * Number of processes that trained together.
     */
    ranks: number;
  };
}
/**
 * `lock`: the process that holds a directory.
 */
export interface Lock {
  /**
   * Process ID.
   */
  pid: number;
  /**
   * Name of the process's machine.
   */
  host: string;
  /**
   * ISO time of the last heartbeat.
   */
  beat: string;
  /**
   * Progress of the process; null before the first step.
   */
  progress: {
    /**
     * Number of completed optimizer steps.
     */
    step: number;
    /**
     * Total number of steps of the run.
     */
    totalSteps: number;
    /**
     * Mean loss over images; null if it is not a finite number (a diverged run).
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
   * Number of completed optimizer steps.
   */
  step: number;
  /**
   * Number of the epoch, from 1.
   */
  epoch: number;
  /**
   * Mean loss over images; null if it is not a finite number (a diverged run).
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
   * Number of completed optimizer steps.
   */
  step: number;
  /**
   * Number of the epoch, from 1.
   */
  epoch: number;
  /**
   * Means over the epoch's training batches.
   */
  train: {
    /**
     * Mean loss over images; null if it is not a finite number (a diverged run).
     */
    loss: number | null;
    /**
     * Accuracy in percent.
     */
    top1: number;
    /**
     * Percentage of images whose label is among the five most likely classes.
     */
    top5: number;
  };
  /**
   * Means over the validation images.
   */
  validation: {
    /**
     * Mean loss over images; null if it is not a finite number (a diverged run).
     */
    loss: number | null;
    /**
     * Accuracy in percent.
     */
    top1: number;
    /**
     * Percentage of images whose label is among the five most likely classes.
     */
    top5: number;
  };
  /**
   * Whether this is the best epoch so far.
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
 * `start.json`: the activation quantizers at the start of training.
 */
export interface StartRecord {
  /**
   * Version of the file's format. A file with another version is not used.
   */
  format: 1;
  /**
   * Hash of the experiment.
   */
  hash: string;
  /**
   * Threshold curves, by layer.
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
       * One level more than thresholds, in units of the output.
       */
      levels: (number | null)[];
    };
  };
}
/**
 * `analysis.json`: an analysis of the best weights of a finished run.
 */
export interface Analysis {
  /**
   * Version of the file's format. A file with another version is not used.
   */
  format: 1;
  /**
   * Hash of the experiment.
   */
  hash: string;
  /**
   * Number of validation images for which activation levels are counted.
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
     * Number of multiplications for one image.
     */
    macs: number;
    /**
     * Sum over all multiplications of weight bits times activation bits.
     */
    bitOps: number;
    /**
     * Size in bytes, with weights packed at their bits.
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
     * Output values of the quantizer.
     */
    levels: (number | null)[];
    /**
     * How often each level occurs.
     */
    counts: (number | null)[];
    /**
     * Entropy of the levels in bits.
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
     * Output values of the quantizer.
     */
    levels: (number | null)[];
    /**
     * How often each level occurs.
     */
    counts: (number | null)[];
    /**
     * Entropy of the levels in bits.
     */
    entropy: number | null;
    /**
     * The quantizer at the start of training; null if it was not recorded.
     */
    start: {
      /**
       * Ascending, in units of the input.
       */
      thresholds: (number | null)[];
      /**
       * One level more than thresholds, in units of the output.
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
       * One level more than thresholds, in units of the output.
       */
      levels: (number | null)[];
    };
  }[];
}
/**
 * `failed.json`: how the last attempt of a run failed; removed when the run is repeated.
 */
export interface Failure {
  /**
   * The error's code, or how the process ended.
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
 * `result.json`: the result of a finished run.
 */
export interface Result {
  /**
   * Version of the file's format. A file with another version is not used.
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
   * Hash of the recipe only, without the content of data and weights; absent in results of versions before numerics 2.
   */
  recipe?: string;
  /**
   * Number that is incremented when a fix changes results; absent: 1.
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
   * Number of epochs.
   */
  epochs: number;
  /**
   * Number of completed optimizer steps.
   */
  steps: number;
  /**
   * Validation after the best epoch.
   */
  best: {
    /**
     * Number of the epoch, from 1.
     */
    epoch: number;
    /**
     * Mean loss over images; null if it is not a finite number (a diverged run).
     */
    loss: number | null;
    /**
     * Accuracy in percent.
     */
    top1: number;
    /**
     * Percentage of images whose label is among the five most likely classes.
     */
    top5: number;
  };
  /**
   * Validation after the last epoch.
   */
  final: {
    /**
     * Mean loss over images; null if it is not a finite number (a diverged run).
     */
    loss: number | null;
    /**
     * Accuracy in percent.
     */
    top1: number;
    /**
     * Percentage of images whose label is among the five most likely classes.
     */
    top5: number;
  };
  /**
   * The full-precision experiment of the initial weights or of the teacher; null if there is none.
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
     * The network of that experiment.
     */
    architecture: string;
    /**
     * Sum over all multiplications of weight bits times activation bits.
     */
    bitOps: number;
    /**
     * Size in bytes, with weights packed at their bits.
     */
    packedBytes: number;
    /**
     * Mean loss over images; null if it is not a finite number (a diverged run).
     */
    loss: number | null;
    /**
     * Accuracy in percent.
     */
    top1: number;
    /**
     * Percentage of images whose label is among the five most likely classes.
     */
    top5: number;
  } | null;
  /**
   * The cost of the network.
   */
  totals: {
    /**
     * Number of weights and other parameters.
     */
    parameters: number;
    /**
     * Number of multiplications for one image.
     */
    macs: number;
    /**
     * Sum over all multiplications of weight bits times activation bits.
     */
    bitOps: number;
    /**
     * Size in bytes, with weights packed at their bits.
     */
    packedBytes: number;
  };
  /**
   * SHA-256 of the final weights.
   */
  weights: string;
  /**
   * The time of training.
   */
  timing: {
    /**
     * Seconds of training.
     */
    seconds: number;
    /**
     * Training images per second.
     */
    imagesPerSecond: number | null;
  };
  /**
   * The environment of a run.
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
       * Name of the engine.
       */
      name: string;
      /**
       * Version of the engine.
       */
      version: string;
      /**
       * The device that computed.
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
     * The plug-ins that were loaded; absent if there were none.
     */
    plugins?: {
      /**
       * Name of the plug-in.
       */
      name: string;
      /**
       * SHA-256 of the plug-in's module.
       */
      sha256: string;
    }[];
  };
  /**
   * Layers whose output was constant, at least for some steps; absent in records of older versions.
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
     * The bound, at or below which the parameter is clamped or the output is constant.
     */
    bound: number | null;
    /**
     * Number of steps at the bound.
     */
    steps: number;
    /**
     * The first step at the bound.
     */
    firstStep: number | null;
    /**
     * Whether the parameter is at the bound after the last step.
     */
    atEnd: boolean;
    /**
     * The parameter's last value, or the only level; null if it is not a finite number (a diverged run).
     */
    value: number | null;
  }[];
}
/**
 * `sweeps/NAME-HASH/sweep.json`: the runs of a sweep.
 */
export interface Ledger {
  /**
   * Version of the file's format. A file with another version is not used.
   */
  format: 1;
  /**
   * Name of the sweep.
   */
  name: string;
  /**
   * Hash of the sweep: of its name and its cells.
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
   * The runs of the sweep; those on which others depend are first.
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
     * Hashes of the runs that must be done before this run.
     */
    needs: string[];
    /**
     * Number of machines that it trains on.
     */
    nodes?: number;
    /**
     * Whether cells depend on it and it is not a cell itself.
     */
    shared: boolean;
    /**
     * Sum over all multiplications of weight bits times activation bits.
     */
    bitOps: number;
    /**
     * Total number of optimizer steps.
     */
    steps: number;
    /**
     * Name of the run directory.
     */
    directory: string;
  }[];
}
/**
 * `sweeps/NAME-HASH/slurm.json`: the submissions of a sweep to Slurm.
 */
export interface JobBook {
  /**
   * Version of the file's format. A file with another version is not used.
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
     * ID of the job; null until sbatch has returned it.
     */
    job: string | null;
    /**
     * Numeric ID of the user who submitted it.
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
       * The first step at the bound.
       */
      firstStep: number;
    };
  };
}
/**
 * `search-NAME.json`: the measurements of a search for mixed precision with this run.
 *
 * This interface was referenced by `RunFiles`'s JSON-Schema definition
 * via the `patternProperty` "^search-.*\.json$".
 */
export interface SearchRecord {
  /**
   * Version of the file's format. A file with another version is not used.
   */
  format: 1;
  /**
   * Name of the search.
   */
  name: string;
  /**
   * Metrics with every layer at its largest bits, on the held-out images.
   */
  baseline: {
    /**
     * Mean loss over images; null if it is not a finite number (a diverged run).
     */
    loss: number | null;
    /**
     * Accuracy in percent.
     */
    top1: number;
  };
  /**
   * The limited costs and the costs of the chosen bits, by name.
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
       * The cost of the chosen bits.
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
     * Added loss by candidate bits; null if it is not a finite number.
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
