import { spawnSync } from "node:child_process";

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
