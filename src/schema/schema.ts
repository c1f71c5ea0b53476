/**
 * A JSON Schema (draft-07) as used in this project: plain objects, alternatives by if/then, and the keywords
 * below that begin with x-.
 */
export interface Schema {
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema | false>>;
  readonly additionalProperties?: false | Schema;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly allOf?: readonly Alternative[];
  readonly definitions?: Readonly<Record<string, Schema>>;
  /** The description of the value if it is a map; only for values that may also be strings. */
  readonly then?: Schema;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  /**
   * The key whose value chooses among alternatives. An overlay that changes it replaces the entire object.
   */
  readonly "x-discriminator"?: string;
  /** Sets of mutually exclusive keys. An overlay with a key of another set replaces the entire object. */
  readonly "x-alternatives"?: readonly (readonly string[])[];
  /** Sets of keys that replace each other: a key of an overlay removes the base's other keys of its set. */
  readonly "x-exclusive"?: readonly (readonly string[])[];
  /** Keys that are required after all overlays are merged. */
  readonly "x-required"?: readonly string[];
  /**
   * For a section (or a list of names) with the options of a table's parts: the options of each part.
   * `mixed`: options of several parts may occur together, and `chosen` names the key that chooses.
   */
  readonly "x-parts"?: {
    readonly folder: string;
    readonly mixed?: boolean;
    readonly chosen?: string;
    readonly options?: Readonly<Record<string, readonly string[]>>;
    /** For losses: names of the losses that need a teacher. */
    readonly taught?: readonly string[];
  };
  /** The map has a key for each part of the table whose files the user may provide. */
  readonly "x-folders-of"?: string;
  /** A short name for the property's full path. */
  readonly "x-short-name"?: string;
  /** Strings that flags accept in place of an object. */
  readonly "x-shorthand"?: Readonly<Record<string, unknown>>;
  /** A number is short for an object with this number under each of these keys. */
  readonly "x-number-fills"?: readonly string[];
  /**
   * The string is a path, relative to its file. `must-exist`: checked immediately; `unless-named`:
   * `name:rest` is not a path; `from-root`: relative to data.root.
   */
  readonly "x-path"?: true | "must-exist" | "unless-named" | "from-root";
}

/** One entry of `allOf`: the schema that applies if a key has a certain value, or if the key is set. */
export interface Alternative {
  readonly if: {
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly required?: readonly string[];
  };
  readonly then: Pick<Schema, "properties" | "x-required">;
  readonly else?: Pick<Schema, "x-required">;
}

/** Keys from the root to a value. */
export type Path = readonly (string | number)[];
