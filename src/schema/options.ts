type KeysOf<Union> = Union extends unknown ? keyof Union : never;
type ValueOf<Union, Key extends PropertyKey> = Union extends { readonly [K in Key]?: unknown }
  ? Union[Key & keyof Union]
  : never;

/** The options of all alternatives of a section; an alternative may lack some of them. */
export type OptionsOf<Union> = { readonly [Key in KeysOf<Union>]?: ValueOf<Union, Key> };
