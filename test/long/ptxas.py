"""Compiles a CUDA file for every architecture from sm_70 that NVRTC and ptxas know: ptxas.py SOURCE OPTION...

Runs in a virtual environment with NVIDIA's packages nvcc and nvrtc; needs no GPU. Prints one line of JSON per
architecture and kernel.
"""
import ctypes
import json
import pathlib
import re
import subprocess
import sys
import sysconfig
import tempfile

packages = pathlib.Path(sysconfig.get_paths()["purelib"]) / "nvidia"
ptxas = next(packages.rglob("bin/ptxas"))
library = next(file for file in packages.rglob("libnvrtc.so.*"))
nvrtc = ctypes.CDLL(str(library))


def check(status, program=None):
    if status == 0:
        return
    size = ctypes.c_size_t()
    nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    nvrtc.nvrtcGetProgramLog(program, log)
    sys.exit(f"NVRTC: {log.value.decode()}")


def architectures():
    count = ctypes.c_int()
    check(nvrtc.nvrtcGetNumSupportedArchs(ctypes.byref(count)))
    numbers = (ctypes.c_int * count.value)()
    check(nvrtc.nvrtcGetSupportedArchs(numbers))
    return [number for number in numbers if number >= 70]


def assembly(source, number, given):
    program = ctypes.c_void_p()
    check(nvrtc.nvrtcCreateProgram(ctypes.byref(program), source, b"kernels.cu", 0, None, None))
    options = [f"--gpu-architecture=compute_{number}".encode(), *(option.encode() for option in given)]
    check(nvrtc.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*options)), program)
    size = ctypes.c_size_t()
    check(nvrtc.nvrtcGetPTXSize(program, ctypes.byref(size)))
    text = ctypes.create_string_buffer(size.value)
    check(nvrtc.nvrtcGetPTX(program, text))
    check(nvrtc.nvrtcDestroyProgram(ctypes.byref(program)))
    return text.value.decode()


version = re.search(r"release (\S+),", subprocess.check_output([ptxas, "--version"], text=True)).group(1)
source = pathlib.Path(sys.argv[1]).read_bytes()
for number in architectures():
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "kernels.ptx"
        file.write_text(assembly(source, number, sys.argv[2:]))
        command = [ptxas, "-v", f"--gpu-name=sm_{number}", file, "--output-file", pathlib.Path(folder) / "cubin"]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"ptxas {version}, sm_{number}: {done.stderr}")
    for block in done.stderr.split("Compiling entry function")[1:]:
        found = re.search(
            r"'(\w+)'.*?(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads.*?Used (\d+) registers",
            block,
            re.DOTALL,
        )
        names = ["kernel", "stack", "stores", "loads", "registers"]
        values = [found.group(1), *(int(value) for value in found.groups()[1:])]
        print(json.dumps({"cuda": version, "architecture": number, **dict(zip(names, values))}))
