#!/bin/sh
# Makes virtual environments with NVIDIA's compilers of CUDA 12.9 and 13.5 for ptxas.py: ptxas.sh FOLDER (650 MB of disk).
set -eu
make() {
  [ -x "$1/bin/pip" ] || python3 -m venv "$1"
  # The compilers alone: their requirements are headers that kernels.cu does not include.
  "$1/bin/pip" install --quiet --disable-pip-version-check --no-deps "nvidia-cuda-nvcc$2" "nvidia-cuda-nvrtc$2"
}
make "$1/12" -cu12==12.9.86
make "$1/13" ==13.5.37
