import { OptionDefaults } from "typedoc";

/**
 * The API reference: `npm run docs:api` writes it into .api. It fails on an export without a docstring, on a broken link, and on a
 * type that an export names and no entry exports.
 * @type {Partial<import("typedoc").TypeDocOptions>}
 */
export default {
  entryPoints: ["index.ts", "core.ts"],
  tsconfig: "tsconfig.build.json",
  out: ".api",
  // A property has a docstring where its name and type do not say everything.
  requiredToBeDocumented: [
    "Variable",
    "Function",
    "Class",
    "Interface",
    "TypeAlias",
    "Enum",
    "Constructor",
    "Method",
    "Accessor",
  ],
  // Tags of the types that are generated from the schemas.
  blockTags: [...OptionDefaults.blockTags, "@minItems", "@maxItems"],
  validation: {
    notExported: true,
    invalidLink: true,
    invalidPath: true,
    rewrittenLink: true,
    notDocumented: true,
  },
  // Their types are their keys; the codes are listed in docs/errors.md.
  intentionallyNotExported: [
    "src/errors.ts:errorTable",
    "src/report/tables/formats.ts:tableFormats",
    "src/graph/quantizer.ts:CommonSettings",
    "src/runs/record.ts:Measured",
  ],
  treatWarningsAsErrors: true,
};
