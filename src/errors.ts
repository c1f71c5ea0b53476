/**
 * The one table of coded errors. A message template names its details in braces; `hint` says what to do next.
 * Exit codes: 1 the run failed, 2 the input is wrong, 3 something on this machine is missing, 130 interrupted.
 */
export const errorTable = {
  N2UQ_CHECKPOINT_FOREIGN: {
    exitCode: 2,
    message: "{file} was written by another experiment",
    hint: "Move the run directory away, or start over with `--fresh`.",
  },
  N2UQ_ENGINE_UNAVAILABLE: {
    exitCode: 3,
    message: "the engine {name} cannot run on this machine: {reason}",
    hint: "`n2uq engines` lists the engines and what each one needs.",
  },
  N2UQ_ENGINE_UNKNOWN: {
    exitCode: 2,
    message: "there is no engine {name}; known engines: {known}",
    hint: "`n2uq engines` lists the engines and what each one needs.",
  },
  N2UQ_DATA_TOO_SMALL: {
    exitCode: 2,
    message: "{count} training images are too few: BatchNorm needs at least two a batch",
    hint: "Raise data.trainLimit.",
  },
  N2UQ_EVALUATE_INTERRUPTED: {
    exitCode: 130,
    message: "interrupted before every image was seen",
    hint: "Run the same command again.",
  },
  N2UQ_EVALUATE_NO_RUN: {
    exitCode: 2,
    message: "{name} has no finished run: {directory} holds no result",
    hint: "Run `n2uq run` on it first, or name weights with `--weights FILE`.",
  },
  N2UQ_GRAPH_TOO_SMALL: {
    exitCode: 2,
    message: "the image is used up before layer {layer}: its input has no pixel left",
    hint: "Use larger images (architecture.inputSize), fewer strides, or a stem without pooling.",
  },
  N2UQ_INIT_MISMATCH: {
    exitCode: 2,
    message: "the start weights do not fit the network: {summary}",
    hint: "Use weights of the same architecture, or declare `init.strict: false` where a part shall start fresh.",
  },
  N2UQ_RESOLVE_CIRCULAR_REFERENCE: {
    exitCode: 2,
    message: "experiments refer to each other in a circle: {chain}",
    hint: "A teacher or start must not need the experiment that needs it.",
  },
  N2UQ_RESOLVE_BITS_WITHOUT_METHOD: {
    exitCode: 2,
    message:
      "the rule sets bits, but nothing quantizes: quantization.method is none and the rule names no method",
    hint: "Give the rule a `method` (n2uq, lsq, pact, dorefa), or set quantization.method.",
  },
  N2UQ_RESOLVE_DEPTH: {
    exitCode: 2,
    message: "there is no {family} of depth {depth}",
    hint: "Allowed depths: {allowed}. Other networks are declared with `family: stages`.",
  },
  N2UQ_RESOLVE_MISSING_KEY: {
    exitCode: 2,
    message: "the experiment lacks {key}",
    hint: "Set it in the file, in one that it extends, or with `--set {key}=…`.",
  },
  N2UQ_RESOLVE_NO_TEACHER: {
    exitCode: 2,
    message: "the loss {kind} needs a teacher, and the experiment has none",
    hint: "Declare `teacher`, or use `loss: { kind: cross-entropy }`.",
  },
  N2UQ_RESOLVE_TEACHER_DIFFERS: {
    exitCode: 2,
    message: "the teacher's {key} is {teacher}, the student's is {student}",
    hint: "Teacher and student see the same images and classes: set both alike.",
  },
  N2UQ_RESOLVE_UNUSED_TEACHER: {
    exitCode: 2,
    message: "a teacher is declared, but the loss is cross-entropy and never asks it",
    hint: "Use `loss: { kind: distillation }` or `mixed`, or set `teacher: null`.",
  },
  N2UQ_RESOLVE_ZERO_LR: {
    exitCode: 2,
    message:
      "one epoch of the linear schedule trains at learning rate 0: epoch e of E runs at lr·(1 - (e + 1)/E)",
    hint: "Use `schedule: { kind: linear, per: step }`, another schedule, or more epochs.",
  },
  N2UQ_RULE_MATCHES_NOTHING: {
    exitCode: 2,
    message: "the glob {match} matches no layer",
    hint: "Close layer names: {close}. `n2uq plan FILE` lists them all.",
  },
  N2UQ_RULE_WITHOUT_EFFECT: {
    exitCode: 2,
    message: "the rule for {match} changes nothing: every layer that it matches is kept in full precision",
    hint: "Add `keep: false` to the rule to quantize these layers all the same.",
  },
  N2UQ_RUN_LOCKED: {
    exitCode: 2,
    message: "{directory} is in use by process {pid} on {host}",
    hint: "Wait for it, or stop it. If that process is gone for good, remove {file}.",
  },
  N2UQ_RUN_WRITE_FAILED: {
    exitCode: 1,
    message: "{directory} can't be written: {reason}",
    hint: "Make room or choose another folder with `--runs`; the last checkpoint is whole and the run goes on from it.",
  },
  N2UQ_TRAIN_EXPLODED: {
    exitCode: 1,
    message:
      "the loss reached {loss} at step {step}, above training.maxLoss = {maxLoss}; largest is {what} ({largest})",
    hint: "Lower training.optimizer.lr, or raise training.maxLoss if this is meant.",
  },
  N2UQ_TRAIN_INTERRUPTED: {
    exitCode: 130,
    message: "interrupted at step {step} of {totalSteps}; the checkpoint is written",
    hint: "Run the same command again to go on from there.",
  },
  N2UQ_TRAIN_NAN: {
    exitCode: 1,
    message: "the loss is {loss} at step {step}; the first tensor that is not finite is {what}",
    hint: "Lower training.optimizer.lr, or look at that layer's bits and start values.",
  },
  N2UQ_WEIGHTS_CORRUPT: {
    exitCode: 2,
    message: "{file} is not a whole safetensors file: {reason}",
    hint: "Restore the file from a copy, or start over with `--fresh`.",
  },
  N2UQ_WEIGHTS_MISSING_TENSOR: {
    exitCode: 2,
    message: "the weights lack the tensor {name}",
    hint: "Use weights of the same architecture and quantization.",
  },
  N2UQ_WEIGHTS_MISSING: {
    exitCode: 3,
    message: "the weights {weights} are not here: no file {file}",
    hint: "Put a safetensors file with PyTorch's names there, or use a profile without them: `--profile smoke`, `--profile cifar10`.",
  },
  N2UQ_INTERNAL: {
    exitCode: 1,
    message: "{message}",
    hint: "This is a bug in n2uq; please report it.",
  },
} as const satisfies Record<string, { exitCode: number; message: string; hint?: string }>;

export type ErrorCode = keyof typeof errorTable;

/** Where in the user's input the fault is. Lines and columns count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** The offending line, as written. */
  readonly text?: string;
}

export interface ErrorOptions {
  readonly location?: SourceLocation;
  /** Replaces the table's hint where the case at hand allows a better one. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** An error with a code, told to the user without a stack trace. */
export class N2uqError extends Error {
  readonly code: ErrorCode;
  readonly exitCode: number;
  readonly hint: string | undefined;
  readonly location: SourceLocation | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, details: Record<string, unknown> = {}, options: ErrorOptions = {}) {
    const entry: { exitCode: number; message: string; hint?: string } = errorTable[code];
    super(fill(entry.message, details), { cause: options.cause });
    this.name = "N2uqError";
    this.code = code;
    this.exitCode = entry.exitCode;
    this.hint = options.hint ?? (entry.hint === undefined ? undefined : fill(entry.hint, details));
    this.location = options.location;
    this.details = Object.freeze({ ...details });
  }
}

/** Several errors of one kind of input, found in one pass and shown together. */
export class N2uqErrors extends Error {
  readonly errors: readonly N2uqError[];
  readonly exitCode: number;

  constructor(errors: readonly N2uqError[]) {
    super(errors.map((error) => error.message).join("\n"));
    this.name = "N2uqErrors";
    this.errors = Object.freeze([...errors]);
    this.exitCode = Math.max(...errors.map((error) => error.exitCode));
  }
}

function fill(template: string, details: Record<string, unknown>): string {
  return template.replace(/\{(\w+)\}/g, (whole, key: string) =>
    key in details ? String(details[key]) : whole,
  );
}
