import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import { resolveCells } from "../../runners/sweep/cells.js";
import { fillTable } from "../../runners/table.js";
import { formatError } from "../../src/config/format.js";
import { N2uqError, N2uqErrors } from "../../src/errors.js";
import { escapeText } from "../../src/report/html/markup.js";
import { csvTable } from "../../src/report/tables/csv.js";
import { tableFormats } from "../../src/report/tables/formats.js";
import { htmlTable } from "../../src/report/tables/html.js";
import { escaped as escapedLatex } from "../../src/report/tables/latex.js";
import { markdownTable } from "../../src/report/tables/markdown.js";
import { meanAndDeviation } from "../../src/report/tables/statistics.js";
import type { FilledTable } from "../../src/report/tables/types.js";
import type { SweepFlags } from "../../src/sweep/read.js";
import { readSweep } from "../../src/sweep/read.js";
import { root } from "../helpers/root.js";
import { directories, finish, fixtures, someRuns } from "../helpers/tableRuns.js";

const tables = join(root, "experiments", "tables");
const none = join(root, "no-such-runs");

const filled = (file: string, runs = none, flags: SweepFlags = {}) =>
  fillTable(file, flags, { cwd: fixtures }, runs);

/** What docs/method.md and the published tables say, W2/A2, W3/A3 and W4/A4. */
const published: readonly (readonly [network: string, method: string, ...values: number[]])[] = [
  ["ResNet-18", "PACT", 64.4, 68.1, 69.2],
  ["ResNet-18", "DoReFa-Net", 64.7, 67.5, 68.1],
  ["ResNet-18", "LSQ", 67.6, 70.2, 71.1],
  ["ResNet-18", "N2UQ", 69.4, 71.9, 72.9],
  ["ResNet-18", "N2UQ*", 69.7, 72.1, 73.1],
  ["ResNet-34", "LSQ", 71.6, 73.4, 74.1],
  ["ResNet-34", "N2UQ", 73.3, 75.2, 76.0],
  ["ResNet-34", "N2UQ*", 73.4, 75.3, 76.1],
  ["ResNet-50", "PACT", 72.2, 75.3, 76.5],
  ["ResNet-50", "DoReFa-Net", 67.1, 69.9, 71.4],
  ["ResNet-50", "LSQ", 73.7, 75.8, 76.7],
  ["ResNet-50", "N2UQ", 75.8, 77.5, 78.0],
  ["ResNet-50", "N2UQ*", 76.4, 77.6, 78.0],
];

t.test("the ResNet table has every published row, and a cell of ours for each value", async (t) => {
  const table = await filled(join(tables, "resnet.yaml"));
  t.same(
    table.rows.map(({ group, label, cells }) => [group, label, ...cells.map(({ reference }) => reference)]),
    published,
  );
  t.same(
    table.columns.map(({ label }) => label),
    ["W2/A2", "W3/A3", "W4/A4"],
  );
  const cells = table.rows.flatMap((row) => row.cells);
  for (const cell of cells) t.match(cell, { ours: null, runs: 1, state: "not run", difference: null });
  const notesOf = (index: number) =>
    table.rows[index]?.footnotes.map((n) => table.footnotes[n - 1]).join(" ");
  for (const [index, [network, method]] of published.entries()) {
    const misprint = network === "ResNet-50" && (method === "PACT" || method === "LSQ");
    t.equal(/misprint/.test(notesOf(index) ?? ""), misprint, `${network} ${method}`);
    t.equal(/the method's own paper/.test(notesOf(index) ?? ""), !method.startsWith("N2UQ"));
  }
  const text = markdownTable(table);
  for (const [, , ...values] of published) {
    const row = values.map((value) => `not run \\| ${value.toFixed(1).replace(".", "\\.")} \\| +–`);
    t.match(text, new RegExp(row.join(" \\| ")));
  }
});

t.test("the MobileNet table has its one published value", async (t) => {
  const { rows } = await filled(join(tables, "mobilenet.yaml"));
  t.match(rows, [{ cells: [{ ours: null, runs: 1, state: "not run", reference: 72.1 }] }]);
  t.equal(rows.length, 1);
});

t.test(
  "the CIFAR-10 table is full precision and four methods at three widths, three seeds each",
  async (t) => {
    const file = join(tables, "cifar10.yaml");
    const { cells } = await resolveCells(await readSweep([file], {}, root), { cwd: root }, none);
    const seeds = ["0", "1", "2"];
    const quantized = ["n2uq", "lsq", "pact", "dorefa"].flatMap((method) =>
      ["2", "3", "4"].flatMap((bits) => seeds.map((seed) => `${method} ${bits} ${seed}`)),
    );
    const shown = cells.map(({ resolved: { quantization, training } }) =>
      quantization.method === "none"
        ? `none ${training.seed}`
        : `${quantization.method} ${quantization.bits?.weights} ${training.seed}`,
    );
    t.same(shown.toSorted(), [...seeds.map((seed) => `none ${seed}`), ...quantized].toSorted());
    const start = cells[0]!;
    t.match(start.resolved, { name: "res20-fp", training: { seed: 0 } }, "what the others need comes first");
    for (const cell of cells) {
      t.match(cell.resolved, {
        architecture: { family: "cifar-resnet", depth: 20 },
        data: { dataset: "cifar10" },
      });
      t.same(cell.needs, cell.resolved.quantization.method === "none" ? [] : [start.hash]);
    }
    const { rows } = await filled(file);
    t.same(
      rows.map((row) => row.cells.map(({ runs }) => runs)),
      [[3, 0, 0, 0], ...Array.from({ length: 4 }, () => [0, 3, 3, 3])],
    );
  },
);

t.test("results and states give the table computed by hand, in each format", async (t) => {
  const runs = t.testdir();
  await someRuns(runs);
  const table = await filled("table.yaml", runs);
  const expected = (ending: string) => readFile(join(fixtures, `table.${ending}`), "utf8");
  t.equal(`${markdownTable(table)}\n`, await expected("md"));
  t.equal(`${csvTable(table).replaceAll("\r\n", "\n")}\n`, await expected("csv"));
  t.equal(`${tableFormats.latex(table)}\n`, await expected("tex"));
  t.same(JSON.parse(tableFormats.json(table)), JSON.parse(await expected("json")));
  const html = htmlTable(table);
  t.match(html, '<th class="text" rowspan="2">Small_net</th>');
  t.match(html, '<td class="ours">71.00 ± 0.71 (2 of 3, running 43 %)</td>');
  t.match(html, '<th class="text">A, &#34;quoted&#34; one<sup>');
  t.notMatch(html, /<script|https?:/);
});

t.test("cells with other settings than the file's are marked, and not compared", async (t) => {
  const runs = t.testdir();
  await someRuns(runs);
  const flags = { set: ["epochs=2", "training.optimizer.lr=0.01"] };
  const cell = await directories("table.yaml", runs, flags);
  await finish(cell({ method: "n2uq", bits: "2", seed: "1" }), 33.125);
  const table = await filled("table.yaml", runs, flags);
  t.match(table.rows[0]?.cells[0], {
    ours: { mean: 33.125, deviation: null, n: 1, marked: true },
    state: "not run",
    reference: 61.5,
    difference: null,
  });
  t.equal(table.rows[0]?.cells[1]?.ours, null, "the recipe's results are not shown");
  t.same(table.differences, [
    { path: "training.epochs", recipe: "4", here: "2" },
    { path: "training.optimizer.lr", recipe: "0.00125", here: "0.01" },
  ]);
  const sentence =
    "Not the recipe, so not compared with the references: training.epochs 4 → 2; training.optimizer.lr 0.00125 → 0.01.";
  const text = markdownTable(table);
  t.match(text, `\n‡ ${sentence}\n`);
  t.match(text, "| 33.13 ‡ (1 of 3, not run) |  61.5 |   – |");
  t.match(text, "**Small & quick: 100 % made up ‡**");
  for (const format of ["html", "latex"] as const) t.match(tableFormats[format](table), /Not the recipe/);
});

t.test("a profile marks every cell, a value of the recipe's own marks none", async (t) => {
  const smoke = await filled(join(tables, "resnet.yaml"), none, { profile: ["smoke"] });
  const told = smoke.differences.map(({ path, recipe, here }) => `${path} ${recipe} ${here}`);
  for (const line of ["training.steps none 4", "data.dataset imagenet cifar10", "init various none"]) {
    t.ok(told.includes(line), line);
  }
  t.match(markdownTable(smoke), /; and \d+ more\.\n/, "the list is bounded");
  t.same((await filled("table.yaml", none, { set: ["epochs=4"] })).differences, []);
  t.same((await filled("table.yaml", none, { set: ["engine=wasm"] })).differences, []);
});

t.test("a profile that the file itself names marks its cells too", async (t) => {
  const text = await readFile(join(fixtures, "table.yaml"), "utf8");
  const dir = t.testdir({
    "small.yaml": await readFile(join(fixtures, "small.yaml"), "utf8"),
    "half.yaml": "training: { optimizer: { weightDecay: 0.5 } }\n",
  });
  const file = join(dir, "table.yaml");
  await writeFile(file, `profiles: ["${join(dir, "half.yaml")}"]\n${text}`);
  const { differences } = await filled(file);
  t.same(differences, [{ path: "training.optimizer.weightDecay", recipe: "0", here: "0.5" }]);
});

t.test("top-5 is shown where the table asks for it", async (t) => {
  const text = await readFile(join(fixtures, "table.yaml"), "utf8");
  const dir = t.testdir({ "small.yaml": await readFile(join(fixtures, "small.yaml"), "utf8") });
  await writeFile(join(dir, "top5.yaml"), text.replace("table:\n", "table:\n  metric: top5\n"));
  const runs = join(dir, "runs");
  const cell = await directories(join(dir, "top5.yaml"), runs);
  await finish(cell({ method: "lsq", bits: "4", seed: "0" }), 10, 88.5);
  const table = await filled(join(dir, "top5.yaml"), runs);
  t.match(table.rows[1]?.cells[1], { ours: { mean: 88.5, n: 1 }, runs: 3, state: "not run" });
  t.match(markdownTable(table), "Top-5 accuracy");
});

t.test("each broken table gives one error with its place", async (t) => {
  const broken = join(fixtures, "broken");
  const names = (await readdir(broken)).filter((name) => name.endsWith(".yaml"));
  t.ok(names.length >= 10);
  for (const name of names) {
    const error: unknown = await fillTable(name, {}, { cwd: broken }, none).catch((thrown) => thrown);
    if (!(error instanceof N2uqError || error instanceof N2uqErrors)) throw error;
    const text = await readFile(join(broken, name.replace(".yaml", ".txt")), "utf8");
    t.equal(`${formatError(error, { color: false, cwd: broken })}\n`, text, name);
    t.equal(error.exitCode, 2);
    t.equal(error instanceof N2uqErrors ? error.errors.length : 1, 1);
  }
});

t.test("mean and std agree with the pairwise formula", async (t) => {
  t.same(meanAndDeviation([5]), { mean: 5, deviation: null });
  t.throws(() => meanAndDeviation([]), RangeError);
  const accuracy = fc.double({ min: 0, max: 100, noNaN: true });
  fc.assert(
    fc.property(fc.array(accuracy, { minLength: 2, maxLength: 8 }), (values) => {
      const { mean, deviation } = meanAndDeviation(values);
      // s² is half the mean square of all differences between two different values.
      const n = values.length;
      const pairs = values.flatMap((a) => values.map((b) => (a - b) ** 2)).reduce((sum, x) => sum + x, 0);
      const close = Math.abs((deviation ?? Number.NaN) - Math.sqrt(pairs / (2 * n * (n - 1)))) < 1e-9;
      return close && mean >= Math.min(...values) - 1e-9 && mean <= Math.max(...values) + 1e-9;
    }),
  );
});

const anyText = fc.string({ unit: "grapheme" });

/** A table whose every text is this one. */
function tableOf(text: string): FilledTable {
  const cell = { ours: null, runs: 1, state: text, reference: 1, difference: null };
  return {
    ...{ title: text, metric: "top1", columns: [{ label: text, referenced: true }], footnotes: [text] },
    rows: [{ group: text, label: text, footnotes: [1], cells: [cell] }],
    differences: [{ path: text, recipe: text, here: text }],
    notes: [],
  };
}

t.test("CSV gives every text back", async (t) => {
  fc.assert(
    fc.property(anyText, (text) => {
      const [, line] = parseCsv(csvTable(tableOf(text)));
      return [0, 1, 2, 8, 11].every((index) => line?.[index] === text);
    }),
  );
  t.pass();
});

t.test("HTML shows every text and lets none be markup", async (t) => {
  const entities = { "&#38;": "&", "&#60;": "<", "&#62;": ">", "&#34;": '"', "&#39;": "'" } as const;
  fc.assert(
    fc.property(anyText, (text) => {
      const safe = escapeText(text);
      const back = safe.replace(/&#\d+;/g, (found) => entities[found as keyof typeof entities]);
      return back === text && !/[<>"']/.test(safe);
    }),
  );
  const attack = "</style></title><script>alert(1)</script>";
  t.notMatch(htmlTable(tableOf(attack)), "<script");
});

t.test("LaTeX leaves no special character alone, and braces balance", async (t) => {
  const specials = fc.string({ unit: fc.constantFrom(..."a1 \\{}$&#%_^~<>|*[]±×−→Δ‡–…\n") });
  fc.assert(
    fc.property(fc.oneof(anyText, specials), (text) => {
      const safe = escapedLatex(text);
      // Take out what LaTeX reads as a command, a group or mathematics of ours; nothing special is left.
      const rest = safe
        .replace(/\\[&%$#_{}]/g, "")
        .replace(/\$(\\[a-zA-Z]+|-)\$/g, "")
        .replace(
          /\\(textbackslash|textasciitilde|textasciicircum|textless|textgreater|textbar|ldots)\{\}/g,
          "",
        )
        .replace(/\{[*[\]]\}/g, "");
      return !/[\\{}$&#%_^~\n]/.test(rest);
    }),
  );
  t.equal(escapedLatex("100 % & a_b #1"), "100 \\% \\& a\\_b \\#1");
});

t.test("Markdown keeps a text in its cell", async (t) => {
  fc.assert(
    fc.property(anyText, (text) => {
      const line = markdownTable(tableOf(text))
        .split("\n")
        .filter((one) => one.startsWith("| ") && !one.startsWith("| ---"));
      const bars = line.map((one) => one.replaceAll("\\\\", "").replaceAll("\\|", "").split("|").length);
      return bars.length === 2 && bars[0] === bars[1];
    }),
  );
  t.pass();
});

/** RFC 4180, read character by character. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[""]];
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const row = rows.at(-1)!;
    const rest = text.slice(i, i + 2);
    if (quoted && rest === '""') {
      row.push(`${row.pop()}"`);
      i++;
    } else if (text[i] === '"') quoted = !quoted;
    else if (!quoted && text[i] === ",") row.push("");
    else if (!quoted && rest === "\r\n") {
      rows.push([""]);
      i++;
    } else row.push(`${row.pop()}${text[i]}`);
  }
  return rows;
}

t.test("the runs in the repository fill their table, also without their engine", async (t) => {
  const runs = join(tables, "results", "cifar10");
  const printed = markdownTable(await filled(join(tables, "cifar10.yaml"), runs, { set: ["engine=torch"] }));
  t.match(printed, /\| N2UQ .*\| 78\.50 ± 0\.05 \(2 of 3.*\| 79\.75 .*\| 80\.84 /);
  t.match(printed, /\| LSQ .*\| 78\.73 ± 0\.07 \(2 of 3.*\| 80\.57 .*\| 81\.40 /);
  t.notMatch(printed, "‡", "an engine is no departure from the recipe");
});
