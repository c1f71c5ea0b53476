import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Test } from "tap";
import t from "tap";
import { n2uq } from "../helpers/cli.js";

const rest = `architecture: { family: stages, classes: 4, stages: [{ block: basic, channels: 4, blocks: 1 }] }
data: { dataset: synthetic, synthetic: { classes: 4, imageSize: [8, 8] } }
engine: cpu
`;
const experiment = `name: x\n${rest}`;
const crash = /N2UQ_INTERNAL|node:internal|^\s+at /m;

/** Content of a file, and the expected code, location and words of the hint. */
type Row = readonly [head: string, code: string, place: string, ...words: string[]];

interface Told {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly location: { readonly line?: number; readonly column?: number } | null;
}

/** All files in one process. */
async function checkRows(t: Test, rows: readonly Row[]) {
  const folder = t.testdir({ "package.json": "{}" });
  const names = rows.map(([head], index) => {
    writeFileSync(join(folder, `${index}.yaml`), `${head}\n${rest}`);
    return `${index}.yaml`;
  });
  const { code, stdout, stderr } = await n2uq(["validate", "--json", ...names], folder);
  t.equal(code, 2);
  t.notMatch(`${stdout}${stderr}`, crash);
  const reports = JSON.parse(stdout || "[]") as { errors: Told[] }[];
  rows.forEach(([head, wanted, place, ...words], index) => {
    const told = reports[index]?.errors[0];
    t.test(JSON.stringify(head), async (t) => {
      t.equal(told?.code, wanted, String(told?.message));
      t.equal(`${told?.location?.line}:${told?.location?.column}`, place, "the place");
      for (const word of words) t.match(`${told?.message} ${told?.hint}`, word);
    });
  });
}

const rows: readonly Row[] = [
  // Globs without quotes.
  ["name: x\nquantization: { keep: [*.conv1] }", "N2UQ_CONFIG_ALIAS", "2:24", 'in quotes: "*.conv1"'],
  ["name: x\nquantization:\n  keep:\n    - *conv1", "N2UQ_CONFIG_ALIAS", "4:7", 'in quotes: "*conv1"'],
  ["name: x\nquantization: { keep: [*] }", "N2UQ_CONFIG_SYNTAX", "2:24", 'in quotes: "*"'],
  ["name: x\nquantization: { keep: [!x] }", "N2UQ_CONFIG_TAG", "2:24", 'in quotes: "!x"'],
  ["name: x\nquantization: { keep: [&a] }", "N2UQ_CONFIG_ANCHOR", "2:26", 'in quotes: "&a"'],
  ["name: x\nquantization: { keep: [@foo, %bar] }", "N2UQ_CONFIG_SYNTAX", "2:24", 'in quotes: "@foo"'],
  ["name: x\nquantization: { keep: [layer[1-4].*] }", "N2UQ_CONFIG_SYNTAX", "2:29", "in quotes"],
  ["name: x\nquantization:\n  keep: [#conv1]", "N2UQ_CONFIG_SYNTAX", "3:10", "begins a comment", "quotes"],
  // Texts that YAML takes for numbers and the like.
  ["name: 1e3", "N2UQ_CONFIG_BAD_VALUE", "1:7", "found 1e3", "reads as 1000", 'name: "1e3"'],
  ["name: 007", "N2UQ_CONFIG_BAD_VALUE", "1:7", "found 007", "reads as 7", 'name: "007"'],
  ["name: 0x1f", "N2UQ_CONFIG_BAD_VALUE", "1:7", "found 0x1f", 'name: "0x1f"'],
  ["name: true", "N2UQ_CONFIG_BAD_VALUE", "1:7", "found true", 'name: "true"'],
  ["name: ~", "N2UQ_CONFIG_BAD_VALUE", "1:7", "found ~", "null"],
  ["name: #3", "N2UQ_CONFIG_BAD_VALUE", "1:7", "begins a comment", "quotes"],
  ["name: x\nquantization: { keep: [1.0] }", "N2UQ_CONFIG_BAD_VALUE", "2:24", "found 1.0", '["1.0"]'],
  // Numbers that are none to YAML.
  ["name: x\ntraining: { epochs: 1_000 }", "N2UQ_CONFIG_BAD_VALUE", "2:21", "Write 1000"],
  ["name: x\ntraining: { epochs: 3k }", "N2UQ_CONFIG_BAD_VALUE", "2:21", "Write 3000"],
  ["name: x\ntraining:\n  optimizer: { lr: '0,01' }", "N2UQ_CONFIG_BAD_VALUE", "3:20", "Write 0.01"],
  ["name: x\ntraining: { loss: { labelSmoothing: 10% } }", "N2UQ_CONFIG_BAD_VALUE", "2:37", "Write 0.1"],
  ["name: x\ntraining: { epochs: .inf }", "N2UQ_CONFIG_BAD_VALUE", "2:21", "found .inf"],
  ["name: x\nquantization: { bits: W2A4 }", "N2UQ_CONFIG_BAD_VALUE", "2:23", "weights: 2, activations: 4"],
  ["name: x\nquantization: { bits: [2, 3] }", "N2UQ_CONFIG_BAD_VALUE", "2:23", "--grid bits=2,3"],
  // Characters that look like others.
  ["name:\u00a0x", "N2UQ_CONFIG_CHARACTER", "1:6", "U+00A0", "plain space"],
  ["name: x\ntraining:\n\u00a0 epochs: 3", "N2UQ_CONFIG_CHARACTER", "3:1", "U+00A0"],
  ["name: x\ntraining: { ep\u200bochs: 3 }", "N2UQ_CONFIG_CHARACTER", "2:15", "U+200B", "Remove"],
  ["name: x\nquantization: { method: “lsq” }", "N2UQ_CONFIG_CHARACTER", "2:25", "U+201C", "Use"],
  ["name: x\nquantization: { bits：2 }", "N2UQ_CONFIG_CHARACTER", "2:21", "U+FF1A"],
  ["name: x\n\ufefftraining: { epochs: 3 }", "N2UQ_CONFIG_CHARACTER", "2:1", "byte order mark"],
  ["name: x # \u202e", "N2UQ_CONFIG_CHARACTER", "1:11", "reverses"],
  ["name: x\rtraining: { epochs: 3 }", "N2UQ_CONFIG_CHARACTER", "1:8", "LF"],
  // Keys at the wrong level, and with another name.
  ["name: x\nbatchSize: 8", "N2UQ_CONFIG_UNKNOWN_KEY", "2:1", "belongs under training"],
  ["name: x\ntraining: { lr: 1 }", "N2UQ_CONFIG_UNKNOWN_KEY", "2:13", "belongs under training.optimizer"],
  ["name: x\ntraining: { teacher: null }", "N2UQ_CONFIG_UNKNOWN_KEY", "2:13", "first level"],
  ["name: x\nmodel: resnet18", "N2UQ_CONFIG_UNKNOWN_KEY", "2:1", "called architecture"],
  [
    "name: x\nquantization: { bits:2 }",
    "N2UQ_CONFIG_UNKNOWN_KEY",
    "2:17",
    "bits: 2",
    "space after the colon",
  ],
  // Words, maps and lists in each other's place.
  ["name: x\nquantization: lsq", "N2UQ_CONFIG_BAD_VALUE", "2:15", "{ method: lsq }"],
  ["name: x\ntraining: { schedule: cosine }", "N2UQ_CONFIG_BAD_VALUE", "2:23", "{ kind: cosine }"],
  ["name: x\nteacher: ./t.yaml", "N2UQ_CONFIG_BAD_VALUE", "2:10", "{ experiment: ./t.yaml }"],
  ["name: x\ntraining:\n  - epochs: 3", "N2UQ_CONFIG_BAD_VALUE", "3:3", "Remove the dashes"],
  ["name: x\nquantization: { keep: conv1 }", "N2UQ_CONFIG_BAD_VALUE", "2:23", "keep: [conv1]"],
  ["name: x\nteacher: None", "N2UQ_CONFIG_BAD_VALUE", "2:10", "teacher: null"],
  ["name: x\ntraining:\n  epochs: 3\n   seed: 1", "N2UQ_CONFIG_SYNTAX", "3:11", "indented deeper", "Indent"],
];

t.test("C: mistakes in an experiment are reported with their location and a hint", async (t) => {
  await checkRows(t, rows);
});

/** Each command line runs in a separate process. */
async function checkCommands(
  t: Test,
  folder: string,
  cases: readonly (readonly [args: string, code: string, ...words: string[]])[],
) {
  for (const [args, wanted, ...words] of cases) {
    const { code, stdout, stderr } = await n2uq(args.split(" "), folder);
    t.equal(code, 2, args);
    t.match(stderr, `error[${wanted}]`, args);
    for (const word of words) t.match(stderr, word, args);
    t.notMatch(`${stdout}${stderr}`, crash, args);
  }
}

t.test("C: extra words after a command and its options are errors with a hint", async (t) => {
  const folder = t.testdir({ "package.json": "{}", "x.yaml": experiment });
  await checkCommands(t, folder, [
    ["run x.yaml training.epochs=3", "N2UQ_CLI_ARGUMENT", "--set training.epochs=3"],
    ["sweep x.yaml bits=2,3", "N2UQ_CLI_ARGUMENT", "--grid bits=2,3"],
    ["run x.yaml --batch-size 8", "N2UQ_CLI_USAGE", "--set training.batchSize=8"],
    ["run x.yaml –set bits=3", "N2UQ_CLI_ARGUMENT", "not a hyphen", "--set"],
    ["run x.yaml x.yaml", "N2UQ_CLI_ARGUMENT", "n2uq sweep"],
    ["train x.yaml", "N2UQ_CLI_USAGE", "n2uq run"],
    ["plan x.yaml --set bits:3", "N2UQ_CONFIG_SET", "--set bits=3"],
    ["sweep x.yaml --jobs 1e9", "N2UQ_CLI_USAGE", "from 1 to 1024"],
  ]);
});

t.test("C: other files in an experiment's place are called by what they are", async (t) => {
  const folder = t.testdir({
    "package.json": "{}",
    "x.yaml": experiment,
    "s.yaml": "base: ./x.yaml\ngrid: { bits: [2, 3] }\n",
    runs: { "x-12345678": { "resolved.yaml": experiment } },
    "dog.png": Buffer.from("89504e470d0a1a0a", "hex"),
  });
  await checkCommands(t, folder, [
    ["run s.yaml", "N2UQ_CONFIG_OTHER_KIND", "a sweep", "n2uq sweep s.yaml"],
    ["plan runs/x-12345678", "N2UQ_CONFIG_FILE_UNREADABLE", "run directory", "resolved.yaml"],
    ["run dog.png", "N2UQ_CONFIG_BINARY", "PNG"],
    ["plan *.yaml", "N2UQ_CONFIG_FILE_MISSING", "glob", "n2uq sweep"],
  ]);
});

t.test("C: validate checks sweeps, tables, searches and project configs by their own schemas", async (t) => {
  const search = "search: { budget: { averageWeightBits: 2.5 }, candidates: [2, 3] }";
  const good = {
    "a/sweep.yaml": "base: ../x.yaml\ngrid: { bits: [2, 3] }\n",
    "a/table.yaml": `base: ../x.yaml\ngrid: { bits: [2, 3] }
table: { title: t, columns: [{ label: W2, where: { bits: 2 } }], rows: [{ label: r, where: { method: n2uq } }] }\n`,
    "a/search.yaml": `base: ../x.yaml\n${search}\n`,
    "a/n2uq.config.yaml": "profiles: { quick: { training: { epochs: 2 } } }\n",
  };
  const bad = {
    "b/sweep.yaml": "base: ../x.yaml\ngrid: { bitz: [2, 3] }\n",
    "b/table.yaml": `base: ../x.yaml\ngrid: { bits: [2, 3] }
table: { title: t, columns: [{ label: W9, where: { bits: 9 } }], rows: [{ label: r, where: { method: n2uq } }] }\n`,
    "b/search.yaml": `base: ../x.yaml\n${search.replace("3]", "9]")}\n`,
    "b/n2uq.config.yaml": "profiles: { quick: { training: { epoch: 2 } } }\n",
  };
  const folder = t.testdir({ "package.json": "{}", "x.yaml": experiment });
  for (const [name, text] of Object.entries({ ...good, ...bad })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const all = await n2uq(["validate", ...Object.keys(good), "a/*.yaml"], folder);
  t.equal(all.code, 0, all.stderr);
  const { code, stdout } = await n2uq(["validate", "--json", ...Object.keys(bad)], folder);
  t.equal(code, 2);
  const reports = JSON.parse(stdout || "[]") as { errors: Told[] }[];
  t.same(
    reports.map(({ errors: [one] }) => `${one?.code} ${one?.location?.line}:${one?.location?.column}`),
    [
      "N2UQ_CONFIG_UNKNOWN_KEY 2:9",
      "N2UQ_TABLE_ROW_EMPTY 3:92",
      "N2UQ_CONFIG_BAD_VALUE 2:63",
      "N2UQ_CONFIG_UNKNOWN_KEY 1:34",
    ],
  );
});

t.test("C: links are named where extends is followed from one", async (t) => {
  const folder = t.testdir({
    "package.json": "{}",
    real: { "x.yaml": `extends: ./base.yaml\n${experiment}`, "base.yaml": "training: { epochs: 3 }\n" },
    d: { "x.yaml": `extends: ./self/x.yaml\n${experiment}` },
  });
  symlinkSync("real/x.yaml", join(folder, "x.yaml"));
  symlinkSync(".", join(folder, "d", "self"));
  symlinkSync("b.yaml", join(folder, "a.yaml"));
  symlinkSync("a.yaml", join(folder, "b.yaml"));
  const { stdout, stderr } = await n2uq(["validate", "--json", "x.yaml", "d/x.yaml", "a.yaml"], folder);
  t.notMatch(`${stdout}${stderr}`, crash);
  const [link, circle, loop] = (JSON.parse(stdout || "[]") as { errors: Told[] }[]).map(
    ({ errors }) => errors[0],
  );
  t.equal(link?.code, "N2UQ_CONFIG_FILE_MISSING");
  t.match(link?.hint, "x.yaml is a link to real/x.yaml");
  t.equal(circle?.code, "N2UQ_CONFIG_EXTENDS_CIRCLE");
  t.match(loop?.message, "links are circular");
});
