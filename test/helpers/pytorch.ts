import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./root.js";

const candidates = [process.env.N2UQ_PYTHON ?? "/usr/bin/python3", "python3"];
const found = candidates.find(
  (command) => spawnSync(command, ["-c", "import torch, torchvision, numpy"]).status === 0,
);

/** The Python that has PyTorch. */
export const python = found ?? "python3";

/**
 * False if PyTorch is installed; otherwise the reason why tests that compare with PyTorch are skipped. With
 * N2UQ_REQUIRE_PYTORCH=1 no test is skipped.
 */
export const withoutPytorch: string | false =
  found === undefined &&
  process.env.N2UQ_REQUIRE_PYTORCH !== "1" &&
  "no Python with torch and torchvision is installed (python3-torch, python3-torchvision; N2UQ_PYTHON)";

/** The Python of `npm run peers`: that of N2UQ_PEERS, or of .peers in the repository. */
export const peersPython = join(process.env.N2UQ_PEERS ?? join(root, ".peers"), "bin", "python3");

/** False if the peers are installed; otherwise the reason why tests that compare with them are skipped. */
export const withoutPeers: string | false =
  process.env.N2UQ_PEERS === undefined &&
  spawnSync(peersPython, ["-c", "import torch, brevitas"]).status !== 0 &&
  "the peers are not installed (npm run peers; N2UQ_PEERS names their folder)";
