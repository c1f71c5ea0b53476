import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Folders of test/ whose tests start processes or need a build, an installed engine or a browser. All other
 * folders contain unit tests; `test/architecture.test.ts` checks that these start no process.
 */
export const processFolders = ["cli", "engines", "long", "processes", "slurm", "trust"];

/** Every test file, from the root of the repository, in order. */
export function testFiles() {
  return readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => `test/${name.replaceAll("\\", "/")}`)
    .sort();
}

/** @param {string} file a test's path from the root of the repository */
export function isUnitTest(file) {
  return !processFolders.some((folder) => file.startsWith(`test/${folder}/`));
}

/** @param {string} file a test's path from the root of the repository */
export function isLongTest(file) {
  return file.startsWith("test/long/");
}
