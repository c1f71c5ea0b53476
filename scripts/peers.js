// npm run peers [-- --folder DIR]: installs the packages of bench/requirements.txt in a virtual environment
// (5 GB of disk): PyTorch, with which the benchmarks compare n2uq and for which the torch engine can be built,
// Brevitas, and the compiler of native/wasm. An environment that already has them is not changed.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const requirements = join(root, "bench", "requirements.txt");
const { values } = parseArgs({ options: { folder: { type: "string", default: join(root, ".peers") } } });
const folder = resolve(values.folder);
const python = join(folder, "bin", "python3");

/** Runs a command. If it fails, this script exits with the exit code of the command. */
function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (status === 0) return;
  if (error !== undefined) console.error(`${command}: ${error.message}`);
  process.exit(status ?? 1);
}

/** Whether the environment has exactly the versions of the requirements. */
function isComplete() {
  if (!existsSync(python)) return false;
  const { stdout } = spawnSync(python, ["-m", "pip", "freeze"], { encoding: "utf8" });
  const installed = new Set(stdout.split("\n"));
  const wanted = readFileSync(requirements, "utf8").split("\n");
  return wanted.every((line) => line === "" || line.startsWith("#") || installed.has(line));
}

if (!isComplete()) {
  if (!existsSync(python)) run("python3", ["-m", "venv", folder]);
  run(python, ["-m", "pip", "install", "--disable-pip-version-check", "-r", requirements]);
}
console.log(`The peers are in ${folder}. To use them:
  N2UQ_PYTHON=${python} npm run bench:step
  PATH=${join(folder, "bin")}:$PATH npx n2uq engine install torch`);
