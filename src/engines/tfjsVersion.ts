import { version_core } from "@tensorflow/tfjs-core";

/** The version of TensorFlow.js that all engines share. */
export const TFJS_VERSION: string = version_core;
