"""The counterpart of bench/step.ts: a training step of the networks of docs/method.md in plain PyTorch.

    step.py step CASE FOLDER THREADS DEVICE PEER   runs one training step per line on stdin
    step.py version PEER                           prints the versions that PEER uses

CASE is network-mode-side, such as resnet18-w2a2-224, or network-mode-side-method, such as resnet18-w2a2-224-lsq.
FOLDER contains weights.safetensors and images.safetensors. PEER is how PyTorch is used:
    eager          operation by operation, images with channels first
    channels_last  the same with channels last
    compiled       channels last, torch.compile, fused Adam
    bfloat16       like compiled, with autocast to bfloat16
    brevitas       like channels_last, with Brevitas's quantizers; CASE is that of LSQ, whose weights they take
test/long/step-peer.test.ts compares these networks with ours and with recorded values.
"""
import json
import math
import sys
import time
from importlib import metadata
from pathlib import Path

import torch
import torch.nn.functional as F

from step_networks import network
from step_quantizers import FullPrecision, LsqLayers, N2uqLayers

DTYPES = {"F32": torch.float32, "I64": torch.int64, "I32": torch.int32}


def read_safetensors(path):
    content = bytearray(path.read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        dtype, offset = DTYPES[entry["dtype"]], start + entry["data_offsets"][0]
        flat = torch.frombuffer(content, dtype=dtype, count=math.prod(entry["shape"]), offset=offset)
        tensors[name] = flat.reshape(entry["shape"]).clone()
    return tensors


def layers_of(case, peer="eager"):
    """The layers of a case: `w2a4` has 2-bit weights and 4-bit activations, `fp` has no quantizers."""
    _, mode, _, *method = case.split("-", 3)
    if mode == "fp":
        return FullPrecision()
    bits = [int(n) for n in mode[1:].split("a")]
    if peer == "brevitas":
        from step_brevitas import BrevitasLayers

        return BrevitasLayers(*bits)
    return {"n2uq": N2uqLayers, "lsq": LsqLayers}[method[0] if method else "n2uq"](*bits)


def load(case, folder, device="cpu", peer="eager"):
    """The network with the weights of `folder`, and its images in the layout of PyTorch."""
    layers = layers_of(case, peer)
    model = network(case.split("-")[0], layers)
    model.load_state_dict(layers.state_of(read_safetensors(folder / "weights.safetensors")), strict=True)
    images = read_safetensors(folder / "images.safetensors")["images"]
    return model.train().to(device), images.permute(0, 3, 1, 2).contiguous().to(device)


def version(peer):
    if peer != "brevitas":
        return f"PyTorch {torch.__version__}"
    return f"PyTorch {torch.__version__}, Brevitas {metadata.version('brevitas')}"


def training_step(case, folder, device, peer):
    """A function that runs one training step and returns its loss, and the network."""
    model, images = load(case, Path(folder), device, peer)
    labels = torch.arange(len(images), device=device) % model.fc.out_features
    compiles = peer in ("compiled", "bfloat16")
    if peer != "eager":
        model, images = model.to(memory_format=torch.channels_last), images.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, **({"fused": True} if compiles else {}))
    forward = torch.compile(model) if compiles else model

    def run():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device, torch.bfloat16, enabled=peer == "bfloat16"):
            loss = F.cross_entropy(forward(images), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    return run, model


def answer(case, folder, threads, device, peer):
    torch.set_num_threads(int(threads))
    # float32 throughout, as in n2uq on a GPU.
    torch.backends.cudnn.allow_tf32 = False
    run, _ = training_step(case, folder, device, peer)
    print(f"ready {torch.get_num_threads()} {device} {version(peer)}", flush=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        loss = run()
        print(f"{1000 * (time.perf_counter() - started)} {loss}", flush=True)


if __name__ == "__main__":
    {"step": answer, "version": lambda peer: print(version(peer))}[sys.argv[1]](*sys.argv[2:])
