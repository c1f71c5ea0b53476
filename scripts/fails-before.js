// npm run fails-before -- COMMIT: runs test/trust with the build of an older commit. Each test must fail by a
// wrong value or exit code. A test that passes does not detect the fault of the older commit; a test that
// can't be loaded shows nothing.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Parser } from "tap-parser";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [commit, ...named] = process.argv.slice(2);
if (commit === undefined) {
  console.error("usage: npm run fails-before -- COMMIT [test files]");
  process.exit(2);
}

const run = (command, args, cwd, options = {}) => {
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit", ...options });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}`);
};

/** Every test of the first level with its asserts: `{ name, ok, faults }`. */
function testsOf(text) {
  const found = [];
  const parser = new Parser((results) => {
    if (results.fail === 0 && results.count === 0) found.push({ name: "(no test)", ok: true, faults: [] });
  });
  parser.on("child", (child) => {
    const faults = [];
    const collect = (one) => {
      one.on("assert", (assert) => {
        if (!assert.ok) faults.push(assert);
      });
      one.on("child", collect);
    };
    collect(child);
    child.on("complete", ({ ok }) => found.push({ name: child.name, ok, faults }));
  });
  parser.end(text);
  return found;
}

/** Whether a test failed because of its own imports; ignores the output of the command under test. */
const isLoading = ({ name = "", diag }) =>
  diag?.tapCaught !== undefined && /ERR_MODULE_NOT_FOUND|Cannot find module|SyntaxError/.test(name);

const folder = mkdtempSync(join(tmpdir(), "n2uq-before-"));
const tree = join(folder, "tree");
let bad = 0;
let good = 0;
try {
  run("git", ["worktree", "add", "--detach", "--quiet", tree, commit], root);
  run("npm", ["ci", "--no-fund", "--no-audit", "--loglevel=error"], tree);
  const all = readdirSync(join(root, "test", "trust")).filter((name) => name.endsWith(".test.ts"));
  const files = named.length > 0 ? named : all.sort().map((name) => join("test", "trust", name));
  const tap = join(root, "node_modules", "tap", "dist", "esm", "run.mjs");
  for (const file of files) {
    if (!existsSync(join(root, file))) throw new Error(`there is no ${file}`);
    const { stdout } = spawnSync(
      process.execPath,
      [tap, "--reporter=tap", "--timeout=600", "--no-bail", file],
      {
        cwd: root,
        env: { ...process.env, N2UQ_TEST_ROOT: tree },
        encoding: "utf8",
        maxBuffer: 2 ** 28,
      },
    );
    // tap runs each file as one test; the children of this test are the file's tests.
    const inner = stdout.replace(/^ {4}/gm, "");
    const tests = testsOf(inner).filter(({ name }) => name !== file);
    if (tests.length === 0) {
      bad += 1;
      console.log(`✖ ${file}: no test could be run\n${stdout.slice(-2000)}`);
    }
    for (const { name, ok, faults } of tests) {
      const loading = faults.some(isLoading);
      const fails = !ok && !loading;
      if (fails) good += 1;
      else bad += 1;
      const why = ok
        ? "passes at the old commit"
        : loading
          ? "can't be loaded"
          : `fails: ${faults[0]?.name ?? ""}`;
      console.log(`${fails ? "✔" : "✖"} ${file}: ${name}: ${why}`);
    }
  }
} finally {
  spawnSync("git", ["worktree", "remove", "--force", tree], { cwd: root, stdio: "inherit" });
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${good} passed, ${bad} failed`);
process.exitCode = bad > 0 || good === 0 ? 1 : 0;
