// Generated from schemas/source/config.json by `npm run schemas`. Do not edit.

import type {Experiment} from "./experiment.js";

/**
 * A project's own defaults: n2uq.config.yaml, .n2uqrc, or the key `n2uq` of package.json. Paths are relative to the file.
 */
export interface ProjectConfig {
  /**
   * Where editors find this schema.
   */
  $schema?: string;
  /**
   * The experiment that commands take when none is named.
   */
  experiment?: string;
  /**
   * Folder of the run directories.
   */
  runs?: string;
  data?: DataFolders;
  /**
   * ES modules that add parts (quantizers, model families, data sets …), relative to this file: docs/plugins.md.
   */
  plugins?: string[];
  /**
   * The engine of experiments that name none.
   */
  engine?: "auto" | "torch" | "tensorflow" | "wasm" | "cpu";
  engines?: EngineSettings;
  defaults?: Experiment;
  profiles?: Profiles;
  slurm?: SlurmResources;
}
/**
 * Folders of data sets on this machine.
 */
export interface DataFolders {
  cifar10?: DataFolder;
  cifar100?: DataFolder;
  "image-folder"?: DataFolder;
  imagenet?: DataFolder;
  mnist?: DataFolder;
  shards?: DataFolder;
}
/**
 * The folder of a data set on this machine.
 */
export interface DataFolder {
  /**
   * The folder, relative to this file.
   */
  root?: string;
}
/**
 * Options of engines for this machine. Results depend on them only by rounding, so they are not part of an experiment.
 */
export interface EngineSettings {
  tensorflow?: TensorFlowSettings;
  torch?: TorchSettings;
}
/**
 * The tensorflow engine. Environment variables take precedence over these options.
 */
export interface TensorFlowSettings {
  /**
   * Where it computes: `auto` (a GPU if there is one), `cpu`, `gpu`, or one of several GPUs, `gpu:1` (CUDA_VISIBLE_DEVICES). Not given: `auto`.
   */
  device?: string;
  /**
   * Take GPU memory as it is needed rather than all of it at once (TF_FORCE_GPU_ALLOW_GROWTH). Not given: true.
   */
  memoryGrowth?: boolean;
  /**
   * Threads of one operation on the CPU (TF_NUM_INTRAOP_THREADS). Not given: one a core.
   */
  threads?: number;
}
/**
 * The torch engine. Environment variables take precedence over these options.
 */
export interface TorchSettings {
  /**
   * Where it computes: `cpu`, `auto` (a GPU if there is one), `gpu`, or one of several GPUs, `gpu:1` (CUDA_VISIBLE_DEVICES). Not given: `cpu`, since no GPU has run it yet.
   */
  device?: string;
  /**
   * Threads of one operation on the CPU (OMP_NUM_THREADS). Not given: one a core.
   */
  threads?: number;
}
/**
 * Overlays by name, for `--profile NAME`: a file, or part of an experiment.
 */
export interface Profiles {
  [k: string]: string | Experiment;
}
/**
 * What a sweep asks of Slurm for each cell, with `n2uq sweep --runner slurm`.
 */
export interface SlurmResources {
  /**
   * Partition, or several of them joined by commas; not given: the cluster's default.
   */
  partition?: string;
  /**
   * Account that the time is charged to.
   */
  account?: string;
  /**
   * Quality of service.
   */
  qos?: string;
  /**
   * Time limit of a cell's job in Slurm's format: minutes, `hours:minutes:seconds` or `days-hours`. A cell that needs longer resumes from its checkpoint in another job.
   */
  time?: string;
  /**
   * Cores of a cell.
   */
  cpusPerTask?: number;
  /**
   * Memory of a cell, with its unit (K, M, G or T); without one: megabytes.
   */
  memory?: string;
  /**
   * Generic resources of a cell, such as a GPU.
   */
  gres?: string;
  /**
   * Features that the node must have, as sbatch's `--constraint` takes them.
   */
  constraint?: string;
  /**
   * Seconds before the time limit at which a cell gets the signal to write its checkpoint; Slurm may send it up to a minute earlier. Not given: 60.
   */
  signalSeconds?: number;
  /**
   * Lines of POSIX sh that run before each cell on its node.
   */
  setup?: string[];
  /**
   * Further options that sbatch gets as they are, each one as `--name=value` or `--name`.
   */
  options?: string[];
}
