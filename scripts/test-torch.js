// node scripts/test-torch.js [files]: what must hold on every libtorch: golden data, kernels, exact convolutions, ranks, a
// resume and the quickstart on the torch engine. .ci/run and test/long/debian13.sh run it. The last line is that of tap.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tap = fileURLToPath(new URL("../node_modules/tap/dist/esm/run.mjs", import.meta.url));
const engines = ["torch", "kernels", "precision", "integers", "winograd", "libtorch", "nccl"].map(
  (name) => `test/engines/${name}.test.ts`,
);
const others = ["test/core/quantizers.test.ts", "test/ops/blocks.test.ts", "test/cli/ranks.test.ts"];
const files = [...engines, ...others, ...process.argv.slice(2)];
const run = spawnSync(process.execPath, [tap, "--disable-coverage", ...files], {
  cwd: root,
  stdio: "inherit",
});
process.exitCode = run.status ?? 1;
