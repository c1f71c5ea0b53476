type KeysOf<Union> = Union extends unknown ? keyof Union : never;
type ValueOf<Union, Key extends PropertyKey> = Union extends { readonly [K in Key]?: unknown }
  ? Union[Key & keyof Union]
  : never;

/** The options of all alternatives of a section, each of which one alternative may lack. */
export type OptionsOf<Union> = { readonly [Key in KeysOf<Union>]?: ValueOf<Union, Key> };
