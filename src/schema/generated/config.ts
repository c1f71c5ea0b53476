// Generated from schemas/config.schema.json by `npm run schemas`. Do not edit.

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
   * The engine of experiments that name none.
   */
  engine?: "auto" | "wasm" | "cpu";
  defaults?: Experiment;
  profiles?: Profiles;
}
/**
 * Where data sets lie on this machine.
 */
export interface DataFolders {
  mnist?: DataFolder;
  cifar10?: DataFolder;
  imagenet?: DataFolder;
}
export interface DataFolder {
  /**
   * The folder, relative to this file.
   */
  root?: string;
}
/**
 * Overlays by name, for `--profile NAME`: a file, or part of an experiment.
 */
export interface Profiles {
  [k: string]: string | Experiment;
}
