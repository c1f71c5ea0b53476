import { spawnSync } from "node:child_process";

const candidates = [process.env.N2UQ_PYTHON ?? "/usr/bin/python3", "python3"];
const found = candidates.find(
  (command) => spawnSync(command, ["-c", "import torch, torchvision, numpy"]).status === 0,
);

/** The Python that has PyTorch. */
export const python = found ?? "python3";

/**
 * False if PyTorch is installed; else the reason to skip tests that compare with it. With
 * N2UQ_REQUIRE_PYTORCH=1 none is skipped.
 */
export const withoutPytorch: string | false =
  found === undefined &&
  process.env.N2UQ_REQUIRE_PYTORCH !== "1" &&
  "no Python with torch and torchvision is here (python3-torch, python3-torchvision; N2UQ_PYTHON names another)";
