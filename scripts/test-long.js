// Runs the tests of test/long, which train real networks and take long, with tap and its reporter.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(root, "test", "long");
const files = existsSync(folder)
  ? readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => join("test", "long", name))
      .sort()
  : [];

if (files.length === 0) {
  console.log("There are no long tests.\n0 passed, 0 failed");
} else {
  const tap = join(root, "node_modules", "tap", "dist", "esm", "run.mjs");
  // 40 minutes per file: the timeout in .taprc is for the short tests.
  const run = spawnSync(process.execPath, [tap, "--timeout=2400", ...process.argv.slice(2), ...files], {
    cwd: root,
    env: { ...process.env, N2UQ_TEST_LONG: "1" },
    stdio: "inherit",
  });
  process.exitCode = run.status ?? 1;
}
