import type { ErrorCode } from "../errors.js";
import type { Path } from "../schema/schema.js";

/** A key that changes nothing in this experiment. */
export interface Idle {
  readonly path: Path;
  /** Ends the sentence "`key` has no effect …". */
  readonly why: string;
  /** The keys that leave it without effect. */
  readonly because: readonly Path[];
  /** Instead of N2UQ_RESOLVE_NO_EFFECT. */
  readonly code?: ErrorCode;
  /** Of a glob. */
  readonly match?: string;
  /** Names that are like it. */
  readonly close?: readonly string[];
}
