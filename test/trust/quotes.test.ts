import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { n2uq, root } from "../helpers/cli.js";

const crash = /N2UQ_INTERNAL|node:internal|^\s+at /m;
const base = join(root, "test", "fixtures", "trust", "tiny.yaml");

/** The names and values of the cells of a command line. */
async function cellsOf(...args: string[]) {
  const { stdout, stderr, code } = await n2uq(["sweep", base, "--dry-run", "--json", ...args], root);
  const last = JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}");
  const cells = (last.cells ?? []) as { name: string; shared: boolean; values: Record<string, string> }[];
  return { code, text: stdout + stderr, error: last, names: cells.map(({ name }) => name), cells };
}

t.test("B8: quoted values of --grid, --set and --exclude are what the quotes hold", async (t) => {
  const three = ["--zip", "seed=0,1,2"];
  const grid = await cellsOf("--zip", String.raw`name="ab",'c',"\u0064"`, ...three);
  t.same(grid.names, ["ab", "c", "d"]);
  const left = await cellsOf("--zip", 'name="ab",c,d', ...three, "--exclude", `name="ab",seed=0`);
  t.same(left.names, ["c", "d"]);
  const set = await cellsOf("--set", 'name="x.y"');
  t.same(set.names, ["x.y"]);
  for (const { text } of [grid, left, set]) t.notMatch(text, crash);
});

t.test("B8: a comma, a bracket, # and = inside of quotes belong to the value", async (t) => {
  for (const held of ["a,b", "a]b", "a #b", "a=b", "it's"]) {
    const { error, code, text } = await cellsOf("--grid", `name="${held}",c`);
    t.equal(code, 2);
    t.equal(error.code, "N2UQ_CONFIG_BAD_VALUE");
    t.ok(error.message.endsWith(`found "${held}"`), error.message);
    t.notMatch(text, crash);
  }
});

t.test("B8: quotes inside of a value are characters, and one that is not closed is an error", async (t) => {
  const inside = await cellsOf("--grid", "name=it's,b");
  t.match(inside.error.message, `found "it's"`);
  const open = await cellsOf("--grid", 'name="a,b');
  t.match(open.error, { code: "N2UQ_CONFIG_SET", message: "quote" });
  const more = await cellsOf("--grid", 'name="a" b,c');
  t.equal(more.error.code, "N2UQ_CONFIG_SET");
});

t.test("B8: every example of docs/sweeps.md is read as it says", async (t) => {
  const text = readFileSync(join(root, "docs", "sweeps.md"), "utf8");
  const [, section = ""] = text.split("## Writing values on the command line");
  const [shown = ""] = section.split("\n## ");
  const table = shown
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .join("\n");
  const rows = [...table.matchAll(/`--(grid|exclude) ('?)([^`]+?)\2`/g)];
  t.ok(rows.length >= 6, `${rows.length} examples`);
  const cells: Record<string, number> = {};
  for (const [, flag = "", , value = ""] of rows) {
    const axes = flag === "exclude" ? ["--grid", "bits=2,3", "--grid", "method=n2uq,lsq"] : [];
    const file = join(root, "experiments", "quickstart.yaml");
    const args = ["sweep", file, "--dry-run", "--json", ...axes, `--${flag}`, value];
    const { stdout, stderr, code } = await n2uq(args, root);
    t.equal(code, 0, `${value}: ${stdout.slice(0, 300)}${stderr}`);
    const own = JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}") as {
      cells: { shared: boolean }[];
      duplicates: unknown[];
    };
    cells[value] = own.cells.filter(({ shared }) => !shared).length + own.duplicates.length;
  }
  t.match(cells, {
    "bits=2,3,4": 3,
    "seed=0..4": 5,
    'data.root="./images, small",./images': 2,
  });
});
