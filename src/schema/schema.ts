/** A JSON Schema (draft-07) as this project writes it: plain objects, alternatives by if/then, and the x- keywords below. */
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
  /** What the value is when it is a map; only where a string may stand in its place. */
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
  /** The key whose value chooses among alternatives; a change of it replaces the whole object. */
  readonly "x-discriminator"?: string;
  /** Sets of keys of which only one may be there; a key of another set replaces the whole object. */
  readonly "x-alternatives"?: readonly (readonly string[])[];
  /** Sets of keys of which one takes the place of the others: an overlay that gives one drops the base's others. */
  readonly "x-exclusive"?: readonly (readonly string[])[];
  /** Required once all overlays are merged. */
  readonly "x-required"?: readonly string[];
  /** Of a section (or a list of names) that a table's fragments fill: which options each part has. `mixed`: options of several parts may stand together, and `chosen` names the key that chooses. */
  readonly "x-parts"?: {
    readonly folder: string;
    readonly mixed?: boolean;
    readonly chosen?: string;
    readonly options?: Readonly<Record<string, readonly string[]>>;
    /** Of losses: those that need a teacher. */
    readonly taught?: readonly string[];
  };
  /** The map has a key for each part of the table whose files the user may place. */
  readonly "x-folders-of"?: string;
  /** A name that stands for the property's whole path. */
  readonly "x-short-name"?: string;
  /** Strings that stand for an object, in flags. */
  readonly "x-shorthand"?: Readonly<Record<string, unknown>>;
  /** A number stands for an object with it under each of these keys. */
  readonly "x-number-fills"?: readonly string[];
  /** The string is a path relative to the file it is written in. `must-exist`: checked at once; `unless-named`: a `name:rest` is none; `from-root`: relative to data.root. */
  readonly "x-path"?: true | "must-exist" | "unless-named" | "from-root";
}

/** One entry of `allOf`: what holds when a key has a value (or is there). */
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
