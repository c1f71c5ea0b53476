import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { inProcess } from "../helpers/inProcess.js";

const rest = `architecture: { family: stages, classes: 4, stages: [{ block: basic, channels: 4, blocks: 1 }] }
data: { dataset: synthetic, synthetic: { classes: 4, imageSize: [8, 8] } }
engine: cpu
`;

/** Content of a file, and the expected code, location and words of the hint. */
type Row = readonly [head: string, code: string, place: string, ...words: string[]];

const rows: readonly Row[] = [
  ["name: x\ntraining:\n\tepochs: 3", "N2UQ_CONFIG_TAB", "3:1", "spaces"],
  ["name: x\nname: y", "N2UQ_CONFIG_DUPLICATE_KEY", "2:1", "Keep one"],
  ["name: x\nquantization: { bits: 2, bits: 3 }", "N2UQ_CONFIG_DUPLICATE_KEY", "2:26", "Keep one"],
  ["name: x\ntraining:", "N2UQ_CONFIG_BAD_VALUE", "2:10", "empty value is null"],
  ['name: x\ntraining: { epochs: "3" }', "N2UQ_CONFIG_BAD_VALUE", "2:21", "without quotes"],
  ["name: x\ntraining: { epoch: 3 }", "N2UQ_CONFIG_UNKNOWN_KEY", "2:13", "Did you mean epochs"],
  ["name: x\ntraining: { batch_size: 3 }", "N2UQ_CONFIG_UNKNOWN_KEY", "2:13", "Did you mean batchSize"],
  ["name: x\nquantization: { method: LSQ }", "N2UQ_CONFIG_BAD_VALUE", "2:25", "Did you mean lsq"],
  ["name: x\nquantization: { downsample: yes }", "N2UQ_CONFIG_BAD_VALUE", "2:29", "true"],
  ["name: x\nquantization: { bits: 33 }", "N2UQ_CONFIG_BAD_VALUE", "2:23", "1 to 8"],
  ["name: a/b", "N2UQ_CONFIG_BAD_VALUE", "1:7", "letters"],
  ["name: x\ntraining: { epochs: 1.5 }", "N2UQ_CONFIG_BAD_VALUE", "2:21", "integer"],
  ["name: x\ntraining: { epochs: 3", "N2UQ_CONFIG_SYNTAX", "3:1", "not closed"],
  ["name: 'x", "N2UQ_CONFIG_SYNTAX", "1:7", "never closed"],
  ["name: x\n---\nname: y", "N2UQ_CONFIG_DOCUMENTS", "2:1", "separate file"],
  ["name: x\n<<: { epochs: 3 }", "N2UQ_CONFIG_UNKNOWN_KEY", "2:1", "extends"],
  ["name: x\nextends: ./none.yaml", "N2UQ_CONFIG_FILE_MISSING", "2:10", "none.yaml"],
  ["name: x\nteacher: { experiment: ./none.yaml }", "N2UQ_CONFIG_FILE_MISSING", "2:24", "none.yaml"],
  ["name: x\nextends: ./18.yaml", "N2UQ_CONFIG_EXTENDS_CIRCLE", "2:10", "Remove one"],
  ["name:x\nquantization:\n  bits: 3", "N2UQ_CONFIG_SYNTAX", "1:1", "space after the key"],
];

t.test("mistakes in an experiment are reported with their location and a hint", async (t) => {
  const folder = t.testdir({ "package.json": "{}" });
  const names = rows.map(([head], index) => {
    writeFileSync(join(folder, `${index}.yaml`), `${head}\n${rest}`);
    return `${index}.yaml`;
  });
  const { code, stdout, stderr } = await inProcess(t, ["validate", "--json", ...names], folder);
  t.equal(code, 2);
  t.notMatch(`${stdout}${stderr}`, /N2UQ_INTERNAL|node:internal|^\s+at /m);
  const reports = JSON.parse(stdout);
  for (const [index, [head, wanted, place, ...words]] of rows.entries()) {
    const told = reports[index].errors[0];
    const name = JSON.stringify(head);
    t.equal(told?.code, wanted, name);
    t.equal(`${told?.location?.line}:${told?.location?.column}`, place, name);
    for (const word of words) t.match(`${told?.message} ${told?.hint}`, word, name);
  }
});

t.test("mistakes on the command line are coded, with what to do", async (t) => {
  const folder = t.testdir({
    "package.json": "{}",
    "quick.yaml": `name: x\n${rest}`,
    "latin.yaml": Buffer.from(`name: x # caf\xe9\n${rest}`, "latin1"),
    "empty.yaml": "",
  });
  const cases: readonly (readonly [args: readonly string[], code: string, ...words: string[]])[] = [
    [["run", "qick.yaml"], "N2UQ_CONFIG_FILE_MISSING", "Did you mean quick.yaml"],
    [["run", "quick"], "N2UQ_CONFIG_FILE_MISSING", "Did you mean quick.yaml"],
    [["plan", "/dev/zero"], "N2UQ_CONFIG_FILE_UNREADABLE", "device"],
    [["run"], "N2UQ_CLI_NO_EXPERIMENT", "Give a file"],
    [["plan", "empty.yaml"], "N2UQ_CONFIG_NOT_A_MAP", "empty file"],
    [["plan", "latin.yaml"], "N2UQ_CONFIG_BAD_UTF8", "UTF-8"],
    [["plan", "quick.yaml", "--set", "training.epoch=3"], "N2UQ_CONFIG_UNKNOWN_KEY", "training.epochs"],
    [["plan", "quick.yaml", "--engine", "pytorch"], "N2UQ_CONFIG_BAD_VALUE", "Did you mean torch"],
    [["plan", "quick.yaml", "--profile", "smok"], "N2UQ_CONFIG_UNKNOWN_PROFILE", "smoke"],
    [["sweep", "quick.yaml", "--seeds", "three"], "N2UQ_SWEEP_SEEDS", "0..4"],
    [["table", "quick.yaml"], "N2UQ_TABLE_MISSING", "table"],
    [["search", "quick.yaml"], "N2UQ_SEARCH_MISSING", "search"],
    [["evalute", "quick.yaml"], "N2UQ_CLI_USAGE", "evaluate"],
    [["run", "quick.yaml", "--sett", "bits=3"], "N2UQ_CLI_USAGE", "Did you mean --set"],
    [["run", "quick.yaml", "-set", "bits=3"], "N2UQ_CLI_USAGE", "--set"],
    [["quick.yaml"], "N2UQ_CLI_USAGE", "n2uq run quick.yaml"],
    [["plan", "quick.yaml", "--profile", "smoke,cifar10"], "N2UQ_CONFIG_UNKNOWN_PROFILE", "Repeat"],
  ];
  for (const [args, wanted, ...words] of cases) {
    const { code, stdout, stderr } = await inProcess(t, args, folder);
    t.equal(code, 2, args.join(" "));
    t.match(stderr, `error[${wanted}]`, args.join(" "));
    for (const word of words) t.match(stderr, word, args.join(" "));
    t.notMatch(`${stdout}${stderr}`, /N2UQ_INTERNAL|node:internal|^\s+at /m);
  }
});
