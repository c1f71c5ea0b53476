"""A live peer for test/long/torch-weights.test.ts: PyTorch and torchvision write networks, and read ours.

    torch_weights.py write FOLDER   random networks, images, and what the networks answer
    torch_weights.py check FOLDER   loads FOLDER/<network>.safetensors strictly; writes what the networks answer now
"""
import json
import struct
import sys
from pathlib import Path

import numpy as np
import torch
import torchvision

# Network, and height (= width) of its two images.
CASES = [("resnet18", 64), ("resnet50", 64), ("resnet101", 64), ("resnet18", 224)]
NETWORKS = sorted({name for name, _ in CASES})

DTYPES = {"F32": np.float32, "F64": np.float64, "I64": np.int64, "I32": np.int32, "U8": np.uint8}


def network(name):
    """A randomly initialised network whose BatchNorm statistics are those of its activations, disturbed."""
    model = getattr(torchvision.models, name)(weights=None)
    layers = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for layer in layers:
        torch.nn.init.uniform_(layer.weight, 0.5, 1.5)
        torch.nn.init.normal_(layer.bias, 0, 0.2)
        layer.momentum = 1.0
    model.train()
    with torch.no_grad():
        model(torch.randn(8, 3, 64, 64))
        for layer in layers:
            layer.running_mean += 0.1 * torch.randn_like(layer.running_mean) * layer.running_var.sqrt()
            layer.running_var *= 0.8 + 0.4 * torch.rand_like(layer.running_var)
    return model.eval()


def answer(model, images):
    with torch.no_grad():
        return model.eval()(images)


def write(folder):
    torch.manual_seed(20261125)
    models = {name: network(name) for name in NETWORKS}
    for name, model in models.items():
        torch.save(model.state_dict(), folder / f"{name}.pth")
        parallel = torch.nn.DataParallel(model).state_dict()
        checkpoint = {"epoch": 3, "state_dict": parallel, "best_top1_acc": torch.tensor([71.5])}
        torch.save(checkpoint, folder / f"{name}.pth.tar", _use_new_zipfile_serialization=False)
    for name, size in CASES:
        images = torch.randn(2, 3, size, size)
        save(folder / f"{name}-{size}.images", images)
        save(folder / f"{name}-{size}.logits", answer(models[name], images))


def check(folder):
    for name in NETWORKS:
        model = getattr(torchvision.models, name)(weights=None)
        model.load_state_dict(load_file(folder / f"{name}.safetensors"), strict=True)
        for other, size in CASES:
            if other == name:
                shape = (2, 3, size, size)
                images = np.fromfile(folder / f"{name}-{size}.images", dtype="<f4").reshape(shape)
                save(folder / f"{name}-{size}.again", answer(model, torch.from_numpy(images)))


def load_file(path):
    """safetensors' own reader where it is installed, else the format as its page describes it."""
    try:
        from safetensors.torch import load_file as load
        return load(str(path))
    except ImportError:
        pass
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    body = memoryview(content)[8 + length :]
    assert sorted(end for _, end in (entry["data_offsets"] for entry in header.values()))[-1] == len(body)
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        values = np.frombuffer(body[start:end], dtype=DTYPES[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(values.copy())
    return tensors


def save(path, tensor):
    tensor.contiguous().numpy().astype("<f4").tofile(path)


if __name__ == "__main__":
    {"write": write, "check": check}[sys.argv[1]](Path(sys.argv[2]))
