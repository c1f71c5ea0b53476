// npm test: runs the unit tests from source, with the installed engines, and then all other tests except the
// long ones with tap. npm run test:cli: only these other tests. If files are given, runs only these. The last
// line is `N passed, N failed` in total.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { isLongTest, isUnitTest, root, testFiles } from "./unit/files.js";

const args = process.argv.slice(2);
const withoutUnit = args.includes("--no-unit");
const named = args.filter((arg) => !arg.startsWith("--")).map((file) => file.replace(/^\.\//, ""));
const flags = args.filter((arg) => arg.startsWith("--") && arg !== "--no-unit");

const files = named.length > 0 ? named : testFiles().filter((file) => !isLongTest(file));
const unit = withoutUnit ? [] : files.filter(isUnitTest);
const other = files.filter((file) => !isUnitTest(file));
const tap = join(root, "node_modules", "tap", "dist", "esm", "run.mjs");

const counts = { passed: 0, failed: 0 };
if (unit.length > 0)
  await count([join(root, "scripts", "test-unit.js"), "--engines", "--timeout", "300", ...unit]);
if (other.length > 0) await count([tap, ...flags, ...other]);
if (counts.passed + counts.failed === 0) counts.failed = 1;
if (counts.failed > 0) process.exitCode = 1;
console.log(`${counts.passed} passed, ${counts.failed} failed`);

/** Runs a test command, prints its output except the last line, and adds the counts in that line. */
async function count(command) {
  const child = spawn(process.execPath, command, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  let held = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    held += text;
    const end = held.lastIndexOf("\n", held.length - 2) + 1;
    process.stdout.write(held.slice(0, end));
    held = held.slice(end);
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  const found = /^(\d+) passed, (\d+) failed\n$/.exec(held);
  if (found === null) process.stdout.write(held);
  const [passed, failed] = found === null ? [0, 1] : found.slice(1).map(Number);
  counts.passed += passed;
  counts.failed += failed === 0 && code !== 0 ? 1 : failed;
}
