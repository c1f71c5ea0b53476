import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "tap";
import { readSources } from "../architecture/source.js";
import { root } from "../helpers/root.js";

/** Paths of the repository in messages and comments: `docs/slurm.md`, `schemas/run.schema.json`. */
const MENTIONED = /\b(?:docs|schemas|experiments)\/[\w./-]*\w\.(?:md|json|ya?ml)\b/g;
/** Targets of Markdown's links to files. */
const LINKED = /\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g;

/** What `n2uq init` writes. */
const WRITTEN = "experiments/first.yaml";

const text = (file: string) => readFileSync(join(root, file), "utf8");

/** The files of the published package, without what is built. */
function packed(): Set<string> {
  const answer = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [{ files }] = JSON.parse(answer) as [{ files: { path: string }[] }];
  return new Set(files.map(({ path }) => path));
}

test("what the package's texts point to is in the package", (t) => {
  const files = packed();
  t.ok(files.has("README.md") && files.has("docs/engines.md") && files.size > 100);
  const broken: string[] = [];
  let found = 0;
  const check = (from: string, to: string) => {
    found += 1;
    if (!files.has(to) && to !== WRITTEN) broken.push(`${from} points to ${to}`);
  };
  for (const file of [...files].filter((one) => one.endsWith(".md"))) {
    for (const [, target = ""] of text(file).matchAll(LINKED))
      check(file, normalize(join(dirname(file), target)));
    for (const [target] of text(file).matchAll(MENTIONED)) check(file, target);
  }
  const sources = readSources(root, ["index.ts", "src", "runners", "cli"]).map(({ path }) => path);
  const others = [...files].filter((one) =>
    /^(experiments|schemas|native)\/.*\.(ya?ml|json|cpp|h|mjs)$/.test(one),
  );
  for (const file of [...sources, ...others]) {
    for (const [target] of text(file).matchAll(MENTIONED)) check(file, target);
  }
  t.ok(found > 50, `${found} places point to a file`);
  t.same(broken, []);
  t.end();
});

test("the docs' links to headings lead to one", (t) => {
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-");
  const broken: string[] = [];
  for (const file of [...packed()].filter((one) => one.endsWith(".md"))) {
    for (const [, target = "", heading = ""] of text(file).matchAll(/\]\(([^)#\s:]*)#([^)\s]+)\)/g)) {
      const to = target === "" ? file : normalize(join(dirname(file), target));
      const headings = [...text(to).matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) => slug(title));
      if (!headings.includes(heading)) broken.push(`${file} points to ${to}#${heading}`);
    }
  }
  t.same(broken, []);
  t.end();
});

test("decisions are numbered without a gap, and their titles carry the number", (t) => {
  const files = [...packed()].filter((one) => one.startsWith("docs/decisions/")).sort();
  t.ok(files.length >= 15);
  for (const [index, file] of files.entries()) {
    const number = String(index + 1).padStart(3, "0");
    t.match(file, new RegExp(`^docs/decisions/${number}-`));
    t.match(text(file).split("\n")[0] ?? "", new RegExp(`^# ${number}: `), file);
  }
  t.end();
});

test("the citation and the package say the same", (t) => {
  const { version, license, repository } = JSON.parse(text("package.json"));
  const citation = text("CITATION.cff");
  t.match(citation, `version: ${version}\n`);
  t.match(citation, `license: ${license}\n`);
  t.match(repository.url, citation.match(/^repository-code: (.*)$/m)?.[1] ?? "no repository");
  t.end();
});
