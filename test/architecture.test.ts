import { resolve } from "node:path";
import { test } from "tap";
import type { Rules } from "./architecture/rules.js";
import { cycles, violations } from "./architecture/rules.js";
import { parseSource, readSources } from "./architecture/source.js";

const TFJS = "@tensorflow/tfjs-core";
/** What knows no tensor: everything below the engines. */
const plain = ["src/schema", "src/config", "src/sweep", "src/resolve", "src/graph", "src/models"];
const tensors = ["src/core", "src/ops", "src/engines", "src/data", "src/weights"];

/** The layers, bottom to top. Why some files are leaves: docs/decisions/001-plain-leaves.md. */
const rules: Rules = {
  leaves: {
    "src/errors.ts": [],
    "src/attempt.ts": [],
    "src/random.ts": [],
    "src/package.ts": [],
    "src/userPath.ts": ["src/attempt.ts", "src/errors.ts", "src/home.ts"],
    "src/npmRegistry.ts": [],
    "src/npmcli-config.d.ts": [],
    "src/folders.ts": [],
    "src/home.ts": ["src/attempt.ts"],
    "src/userFolders.ts": ["src/home.ts"],
    "src/plugins/loaded.ts": [],
    "src/overrides.ts": [
      ...["types of src/core", "types of src/graph", "types of src/ops", "types of src/train"],
    ],
  },
  layers: {
    "src/schema": { imports: [], disk: true },
    "src/config": { imports: ["src/schema"], disk: true },
    "src/sweep": { imports: ["src/config", "src/schema"], disk: true },
    "src/resolve": { imports: ["src/schema"] },
    "src/graph": { imports: ["types of src/resolve", "types of src/schema"] },
    "src/models": { imports: ["src/graph", "types of src/resolve", "types of src/schema"] },
    "src/core": { imports: ["types of src/graph", "types of src/schema"], packages: [TFJS] },
    "src/ops": { imports: ["src/core", "types of src/graph"], packages: [TFJS] },
    "src/engines": {
      imports: ["src/files", "src/core", "src/ops", "types of src/graph", "types of src/train"],
      disk: true,
    },
    "src/files": { imports: [], packages: [], disk: true },
    "src/data": { imports: ["src/files", "src/schema"], disk: true },
    "src/weights": { imports: ["src/files", "types of src/graph"], disk: true },
    "src/runs": {
      imports: [
        ...["src/files", "src/schema", "src/weights", "types of src/resolve", "types of src/data"],
        "types of src/graph",
      ],
      disk: true,
    },
    "src/train": { imports: ["src/files", ...plain, ...tensors, "src/runs"], disk: true },
    "src/plugins": {
      imports: ["src/schema", "src/config", "src/core", "src/data", "src/models", "src/train"],
      disk: true,
    },
    "src/report": {
      imports: ["types of src/runs", "types of src/graph/cost.ts"],
      disk: true,
    },
    runners: {
      imports: ["src/files", ...plain, ...tensors, "src/runs", "src/train", "src/plugins", "src/report"],
      disk: true,
    },
    cli: {
      imports: ["runners", "src/report", ...plain, "src/data", "src/engines", "src/weights", "src/runs"],
      disk: true,
    },
  },
  entries: ["index.ts", "core.ts"],
  reserved: {
    "@tensorflow/": ["src/overrides.ts", "src/core", "src/ops", "src/engines", "src/train"],
    commander: ["cli"],
    listr2: ["cli"],
  },
  printing: ["cli"],
  // Engines, a project config that is code, and plug-ins.
  computedImports: ["src/engines", "src/config", "src/plugins"],
  maxLines: 300,
  lists: ["src/schema/generated", "src/errors.ts"],
};

const sources = readSources(resolve(import.meta.dirname, ".."), [
  "index.ts",
  "core.ts",
  "src",
  "runners",
  "cli",
]);

test("every import follows the table of layers", (t) => {
  t.ok(sources.length > 100, "the sources were found");
  t.same(violations(sources, rules), []);
  t.end();
});

test("no file imports itself by way of others, types included", (t) => {
  t.same(cycles(sources), []);
  t.end();
});

test("each rule has teeth", (t) => {
  const others = [
    "src/errors.ts",
    "src/graph/builder.ts",
    "src/graph/types.ts",
    "src/resolve/types.ts",
    "src/runs/record.ts",
  ];
  const faults = (path: string, text: string) =>
    violations([parseSource(path, text), ...others.map((other) => parseSource(other, ""))], rules);
  const cases: readonly (readonly [path: string, text: string, fault: RegExp | null])[] = [
    ["src/graph/a.ts", 'import type { A } from "../runs/record.js";', /may not import src\/runs/],
    ["src/graph/a.ts", 'import { A } from "../resolve/types.js";', /but for its types/],
    [
      "src/graph/a.ts",
      'import type { A } from "../resolve/types.js";\nimport { B } from "../errors.js";',
      null,
    ],
    ["src/ops/a.ts", 'export { A } from "../graph/builder.js";', /but for its types/],
    ["src/ops/a.ts", 'type A = import("../runs/record.js").A;', /src\/ops may not import src\/runs/],
    ["src/data/a.ts", 'const a = await import("../graph/types.js");', /src\/data may not import/],
    ["src/data/a.ts", "const a = await import(name);", /computed import/],
    ["src/engines/a.ts", "const a = await import(name);", null],
    ["src/errors.ts", 'import type { A } from "./graph/types.js";', /may import nothing/],
    [
      "src/random.ts",
      'import type { Tensor } from "@tensorflow/tfjs-core";',
      /only for src\/overrides.ts, src\/core/,
    ],
    ["src/report/a.ts", "", null],
    ["src/report/a.ts", 'import type { A } from "../graph/types.js";', /src\/report may not/],
    [
      "runners/a.ts",
      'import type { Tensor } from "@tensorflow/tfjs-core";',
      /only for src\/overrides.ts, src\/core/,
    ],
    ["cli/a.ts", 'import { a } from "@tensorflow/tfjs-core/dist/a.js";', /reaches into/],
    ["src/core/a.ts", 'import yaml from "yaml";', /of npm only/],
    ["src/config/a.ts", 'import { Command } from "commander";', /only for cli/],
    ["src/resolve/a.ts", 'import { readFile } from "node:fs/promises";', /may not know the disk/],
    ["src/models/a.ts", 'import { A } from "../graph/builder";', /lacks the extension/],
    ["src/models/a.ts", 'import { A } from "../graph/gone.js";', /not among the sources/],
    ["src/train/a.ts", 'console.log("epoch");', /may print/],
    ["runners/a.ts", "process.stderr.write(text);", /may print/],
    ["cli/a.ts", "process.stdout.write(text);", null],
    ["src/extra/a.ts", "", /no layer/],
    ["src/extra.ts", "", /no layer/],
    ["src/data/a.ts", "\n".repeat(301), /longer than 300/],
  ];
  for (const [path, text, fault] of cases) {
    const found = faults(path, text);
    const name = `${path}: ${text.trim().slice(0, 70)}`;
    if (fault === null) t.same(found, [], name);
    else t.match(found.join("\n"), fault, name);
  }

  const circle = [
    parseSource("src/data/a.ts", 'import type { B } from "./b.js";'),
    parseSource("src/data/b.ts", 'export { c } from "./c.js";'),
    parseSource("src/data/c.ts", 'import { b } from "./b.js";'),
  ];
  t.same(cycles(circle), ["src/data/b.ts → src/data/c.ts → src/data/b.ts"]);
  t.same(cycles(circle.slice(0, 2)), []);
  t.end();
});
