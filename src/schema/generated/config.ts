// Generated from schemas/source/config.json by `npm run schemas`. Do not edit.

import type {Experiment} from "./experiment.js";

/**
 * Settings and defaults of a project, in n2uq.config.yaml, .n2uqrc, or under the key `n2uq` of package.json. Paths are relative to the file.
 */
export interface ProjectConfig {
  /**
   * Location of this schema, for editors.
   */
  $schema?: string;
  /**
   * The experiment for commands without an experiment file.
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
   * The engine for experiments that do not set one.
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
 * Options of engines for this machine. They can change results only by rounding, so they are not part of an experiment.
 */
export interface EngineSettings {
  tensorflow?: TensorFlowSettings;
  torch?: TorchSettings;
  wasm?: WasmSettings;
}
/**
 * The tensorflow engine. Environment variables take precedence over these options.
 */
export interface TensorFlowSettings {
  /**
   * The device that computes: `auto` (a GPU if there is one), `cpu`, `gpu`, or a certain GPU, such as `gpu:1` (CUDA_VISIBLE_DEVICES). Default: `auto`.
   */
  device?: string;
  /**
   * Whether to allocate GPU memory when it is needed instead of all memory at the start (TF_FORCE_GPU_ALLOW_GROWTH). Default: true.
   */
  memoryGrowth?: boolean;
  /**
   * Number of threads per operation on the CPU (TF_NUM_INTRAOP_THREADS). Default: the number of cores.
   */
  threads?: number;
}
/**
 * The torch engine. Environment variables take precedence over these options.
 */
export interface TorchSettings {
  /**
   * The device that computes: `cpu`, `auto` (a GPU if there is one), `gpu`, or a certain GPU, such as `gpu:1` (CUDA_VISIBLE_DEVICES). Default: `cpu`, because this engine has not been tested on a GPU yet.
   */
  device?: string;
  /**
   * Number of threads per operation on the CPU (OMP_NUM_THREADS). Default: the number of cores.
   */
  threads?: number;
  /**
   * Seconds that a rank waits for another one before the run ends with N2UQ_RANKS_LOST. Default: 600.
   */
  rankTimeout?: number;
}
/**
 * The wasm engine. The environment variable takes precedence over this option.
 */
export interface WasmSettings {
  /**
   * Number of threads per operation (OMP_NUM_THREADS). Results do not depend on it. Default: the number of cores, at most 8.
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
 * Resources that `n2uq sweep --runner slurm` requests for each cell.
 */
export interface SlurmResources {
  /**
   * Partition, or several partitions separated by commas. Default: that of the cluster.
   */
  partition?: string;
  /**
   * Account to which the computing time is charged.
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
   * Number of cores per cell.
   */
  cpusPerTask?: number;
  /**
   * Memory per cell, with a unit (K, M, G or T); without a unit in megabytes.
   */
  memory?: string;
  /**
   * Generic resources per cell, such as a GPU.
   */
  gres?: string;
  /**
   * Features that the node must have, in the syntax of sbatch's `--constraint`.
   */
  constraint?: string;
  /**
   * Number of seconds before the time limit at which Slurm sends the signal to write a checkpoint; Slurm may send it up to a minute earlier. Default: 60.
   */
  signalSeconds?: number;
  /**
   * Lines of POSIX sh that run before each cell on its node.
   */
  setup?: string[];
  /**
   * Further options for sbatch, which are passed unchanged, each as `--name=value` or `--name`.
   */
  options?: string[];
}
