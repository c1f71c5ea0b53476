"""The counterpart of bench/step.ts: the networks of docs/method.md in plain PyTorch, in its usual style.

    step.py CASE FOLDER THREADS DEVICE PEER   runs one training step per line on stdin

CASE is network-mode-side, such as resnet18-w2a2-224. FOLDER contains weights.safetensors and
images.safetensors. PEER is how PyTorch is used:
    eager          operation by operation, images with channels first
    channels_last  the same with channels last
    compiled       channels last, torch.compile, fused Adam
    bfloat16       like compiled, with autocast to bfloat16
test/long/step-peer.test.ts compares these networks with ours and with recorded values.
"""
import json
import math
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

DTYPES = {"F32": torch.float32, "I64": torch.int64, "I32": torch.int32}
SHORTEST_INTERVAL = 1e-3


class Thresholds(nn.Module):
    """Quantizes activations with learnable thresholds: two `where` per threshold, a ramp for the gradient."""

    def __init__(self, bits):
        super().__init__()
        self.count = 2**bits - 1
        self.delta = 2 / self.count
        self.start = nn.Parameter(torch.zeros(1))
        self.a = nn.Parameter(torch.full((self.count,), self.delta))
        self.scale1 = nn.Parameter(torch.ones(1))
        self.scale2 = nn.Parameter(torch.ones(1))

    def forward(self, x):
        x = x * self.scale1
        shortest = torch.full_like(self.a, SHORTEST_INTERVAL)
        lengths = torch.where(self.a > SHORTEST_INTERVAL, self.a, shortest)
        staircase = ramp = torch.zeros_like(x)
        below = self.start
        for i in range(self.count):
            middle = below + lengths[i] / 2
            staircase = torch.where(x > middle, (i + 1) * self.delta, staircase)
            line = self.delta / lengths[i] * (x - below) + i * self.delta
            ramp = torch.where(x > below, line, ramp)
            below = below + lengths[i]
        ramp = torch.where(x > below, 2.0, ramp)
        return (staircase + (ramp - ramp.detach())) * self.scale2


class Pact(nn.Module):
    def __init__(self, bits):
        super().__init__()
        self.count = 2**bits - 1
        self.clip_val = nn.Parameter(torch.full((1,), 2.0))

    def forward(self, x):
        clipped = torch.where(x < self.clip_val, x.clamp(min=0), self.clip_val)
        scaled = clipped * (self.count / self.clip_val.detach())
        return (scaled.round().detach() + (scaled - scaled.detach())) * (self.clip_val / self.count)


class QuantizedConv(nn.Conv2d):
    """Quantizes weights uniformly after the entropy-preserving rescaling."""

    def __init__(self, inputs, outputs, kernel, stride, groups, bits):
        super().__init__(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.count = 2**bits - 1
        self.gamma = self.count / 2 ** (bits - 1)

    def quantized(self):
        scale = (self.gamma * self.weight.abs().mean((1, 2, 3), keepdim=True)).detach()
        scaled = self.weight / scale
        half = self.count / 2
        levels = torch.round((scaled.clamp(-1, 1) + 1) * half) / half - 1
        return (scale * levels).detach() + (scaled - scaled.detach())

    def forward(self, x):
        return F.conv2d(x, self.quantized(), None, self.stride, self.padding, self.dilation, self.groups)


class Bias(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x):
        return x + self.bias


def conv(inputs, outputs, kernel, stride, groups, bits):
    if bits:
        return QuantizedConv(inputs, outputs, kernel, stride, groups, bits[0])
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)


class Block(nn.Module):
    """A chain of [bias, PReLU, bias, quantizer, convolution, BatchNorm], the shortcut, and
    optionally an RPReLU after the sum.

    `convs` lists (channels, kernel, stride, groups); `after` is the number in the
    parameter names of the last RPReLU, or None without it.
    """

    def __init__(self, inputs, convs, bits, after=None, shortcut="always"):
        super().__init__()
        self.length, self.after, self.bits = len(convs), after, bits
        channels, stride = inputs, 1
        for n, (outputs, kernel, s, groups) in enumerate(convs, 1):
            self.rprelu(n, channels)
            if bits:
                setattr(self, f"quan{n}", Thresholds(bits[1]))
            setattr(self, f"conv{n}", conv(channels, outputs, kernel, s, groups, bits))
            setattr(self, f"bn{n}", nn.BatchNorm2d(outputs))
            channels, stride = outputs, stride * s
        if after is not None:
            self.rprelu(after, channels)
        same = stride == 1 and inputs == channels
        self.add = same or shortcut == "always"
        self.downsample = None
        if self.add and not same:
            quantizer = [Thresholds(bits[1])] if bits else []
            layers = [conv(inputs, channels, 1, stride, 1, bits), nn.BatchNorm2d(channels)]
            self.downsample = nn.Sequential(*quantizer, *layers)

    def rprelu(self, n, channels):
        setattr(self, f"bias{n}1", Bias(channels))
        setattr(self, f"prelu{n}", nn.PReLU(channels))
        setattr(self, f"bias{n}2", Bias(channels))

    def activate(self, n, x):
        x = getattr(self, f"prelu{n}")(getattr(self, f"bias{n}1")(x))
        return getattr(self, f"bias{n}2")(x)

    def forward(self, x):
        raw = x
        for n in range(1, self.length + 1):
            x = self.activate(n, x)
            if self.bits:
                x = getattr(self, f"quan{n}")(x)
            x = getattr(self, f"bn{n}")(getattr(self, f"conv{n}")(x))
        if self.add:
            x = x + (raw if self.downsample is None else self.downsample(raw))
        return x if self.after is None else self.activate(self.after, x)


class ResNet(nn.Module):
    """`width` channels in the first stage. `small` images: a 3×3 stem without pooling."""

    def __init__(self, counts, bottleneck, bits, width=64, classes=1000, small=False):
        super().__init__()
        stem = (3, 1, 1) if small else (7, 2, 3)
        self.conv1 = nn.Conv2d(3, width, *stem, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.pool = nn.Identity() if small else nn.MaxPool2d(3, 2, 1)
        self.stages = len(counts)
        inputs = width
        for stage, count in enumerate(counts):
            channels, blocks = width * 2**stage, []
            for i in range(count):
                stride = 2 if stage > 0 and i == 0 else 1
                if bottleneck:
                    convs = [(channels, 1, 1, 1), (channels, 3, stride, 1), (4 * channels, 1, 1, 1)]
                else:
                    convs = [(channels, 3, stride, 1), (channels, 3, 1, 1)]
                blocks.append(Block(inputs, convs, bits, after=0 if bottleneck else 3))
                inputs = convs[-1][0]
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        x = self.pool(F.relu(self.bn1(self.conv1(x))))
        for stage in range(1, self.stages + 1):
            x = getattr(self, f"layer{stage}")(x)
        return self.fc(x.mean((2, 3)))


class ConvReLU6(nn.Module):
    """The first or last convolution of MobileNetV2; the input of the last one is quantized by PACT."""

    def __init__(self, inputs, outputs, kernel, stride, bits=None):
        super().__init__()
        self.quan1 = Pact(bits[1]) if bits else nn.Identity()
        self.conv1 = conv(inputs, outputs, kernel, stride, 1, bits)
        self.bn1 = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return F.relu6(self.bn1(self.conv1(self.quan1(x))))


class MobileNetV2(nn.Module):
    STAGES = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]

    def __init__(self, bits):
        super().__init__()
        layers, inputs = [ConvReLU6(3, 32, 3, 2)], 32
        for expansion, outputs, count, first in self.STAGES:
            for i in range(count):
                middle, stride = inputs * expansion, first if i == 0 else 1
                convs = [(middle, 1, 1, 1), (middle, 3, stride, middle), (outputs, 1, 1, 1)]
                layers.append(Block(inputs, convs, bits, shortcut="same shape"))
                inputs = outputs
        layers.append(ConvReLU6(inputs, 1280, 1, 1, bits))
        self.feature = nn.Sequential(*layers)
        self.fc = nn.Linear(1280, 1000)

    def forward(self, x):
        return self.fc(self.feature(x).mean((2, 3)))


def network(case):
    """The network of a case: `w2a4` has 2-bit weights and 4-bit activations, `fp` has no quantizers."""
    name, mode, _ = case.split("-")
    bits = None if mode == "fp" else [int(n) for n in mode[1:].split("a")]
    if name == "mobilenetv2":
        return MobileNetV2(bits)
    if name == "resnet20":
        return ResNet([3, 3, 3], False, bits, width=16, classes=10, small=True)
    counts = {"resnet18": [2, 2, 2, 2], "resnet50": [3, 4, 6, 3]}[name]
    return ResNet(counts, name == "resnet50", bits)


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


def load(case, folder, device="cpu"):
    """The network with the weights of `folder`, and its images in the layout of PyTorch."""
    model = network(case)
    model.load_state_dict(read_safetensors(folder / "weights.safetensors"), strict=True)
    images = read_safetensors(folder / "images.safetensors")["images"]
    return model.train().to(device), images.permute(0, 3, 1, 2).contiguous().to(device)


def step(case, folder, threads, device, peer):
    torch.set_num_threads(int(threads))
    # float32 throughout, as in n2uq on a GPU.
    torch.backends.cudnn.allow_tf32 = False
    model, images = load(case, Path(folder), device)
    labels = torch.arange(len(images), device=device) % model.fc.out_features
    compiles = peer in ("compiled", "bfloat16")
    if peer != "eager":
        model, images = model.to(memory_format=torch.channels_last), images.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, **({"fused": True} if compiles else {}))
    if compiles:
        model = torch.compile(model)
    print(f"ready {torch.get_num_threads()} {device} PyTorch {torch.__version__}", flush=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device, torch.bfloat16, enabled=peer == "bfloat16"):
            loss = F.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        value = loss.item()
        print(f"{1000 * (time.perf_counter() - started)} {value}", flush=True)


if __name__ == "__main__":
    step(*sys.argv[1:])
