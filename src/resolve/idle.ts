import type { ErrorCode } from "../errors.js";
import type { Path } from "../schema/schema.js";

/** A key without effect in this experiment. */
export interface Idle {
  readonly path: Path;
  /** Completes the sentence "`key` has no effect …". */
  readonly why: string;
  /** The keys because of which it has no effect. */
  readonly because: readonly Path[];
  /** Replaces the code N2UQ_RESOLVE_NO_EFFECT. */
  readonly code?: ErrorCode;
  /** The pattern, for a glob. */
  readonly match?: string;
  /** Similar names. */
  readonly close?: readonly string[];
}
