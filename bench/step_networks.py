"""The networks of docs/method.md that bench/step.py measures, in plain PyTorch. `layers` (bench/step_quantizers.py)
makes their convolutions and quantizers.
"""
import torch
import torch.nn.functional as F
from torch import nn

from step_quantizers import FullPrecision


class Bias(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x):
        return x + self.bias


class Block(nn.Module):
    """A chain of [bias, PReLU, bias, quantizer, convolution, BatchNorm], the shortcut, and
    optionally an RPReLU after the sum.

    `convs` lists (channels, kernel, stride, groups); `after` is the number in the
    parameter names of the last RPReLU, or None without it.
    """

    def __init__(self, inputs, convs, layers, after=None, shortcut="always"):
        super().__init__()
        self.length, self.after = len(convs), after
        channels, stride = inputs, 1
        for n, (outputs, kernel, s, groups) in enumerate(convs, 1):
            self.rprelu(n, channels)
            setattr(self, f"quan{n}", layers.activation())
            setattr(self, f"conv{n}", layers.conv(channels, outputs, kernel, s, groups))
            setattr(self, f"bn{n}", nn.BatchNorm2d(outputs))
            channels, stride = outputs, stride * s
        if after is not None:
            self.rprelu(after, channels)
        same = stride == 1 and inputs == channels
        self.add = same or shortcut == "always"
        self.downsample = None
        if self.add and not same:
            quantizer = layers.activation()
            convolution = [layers.conv(inputs, channels, 1, stride, 1), nn.BatchNorm2d(channels)]
            self.downsample = nn.Sequential(*([] if quantizer is None else [quantizer]), *convolution)

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
            quantizer = getattr(self, f"quan{n}")
            if quantizer is not None:
                x = quantizer(x)
            x = getattr(self, f"bn{n}")(getattr(self, f"conv{n}")(x))
        if self.add:
            x = x + (raw if self.downsample is None else self.downsample(raw))
        return x if self.after is None else self.activate(self.after, x)


class ResNet(nn.Module):
    """`width` channels in the first stage. `small` images: a 3×3 stem without pooling."""

    def __init__(self, counts, bottleneck, layers, width=64, classes=1000, small=False):
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
                blocks.append(Block(inputs, convs, layers, after=0 if bottleneck else 3))
                inputs = convs[-1][0]
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        x = self.pool(F.relu(self.bn1(self.conv1(x))))
        for stage in range(1, self.stages + 1):
            x = getattr(self, f"layer{stage}")(x)
        return self.fc(x.mean((2, 3)))


class ConvReLU6(nn.Module):
    """The first or last convolution of MobileNetV2."""

    def __init__(self, inputs, outputs, kernel, stride, layers):
        super().__init__()
        self.quan1 = layers.last_activation() or nn.Identity()
        self.conv1 = layers.conv(inputs, outputs, kernel, stride, 1)
        self.bn1 = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return F.relu6(self.bn1(self.conv1(self.quan1(x))))


class MobileNetV2(nn.Module):
    STAGES = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]

    def __init__(self, layers):
        super().__init__()
        feature, inputs = [ConvReLU6(3, 32, 3, 2, FullPrecision())], 32
        for expansion, outputs, count, first in self.STAGES:
            for i in range(count):
                middle, stride = inputs * expansion, first if i == 0 else 1
                convs = [(middle, 1, 1, 1), (middle, 3, stride, middle), (outputs, 1, 1, 1)]
                feature.append(Block(inputs, convs, layers, shortcut="same shape"))
                inputs = outputs
        feature.append(ConvReLU6(inputs, 1280, 1, 1, layers))
        self.feature = nn.Sequential(*feature)
        self.fc = nn.Linear(1280, 1000)

    def forward(self, x):
        return self.fc(self.feature(x).mean((2, 3)))


def network(name, layers):
    """The network of a case's name."""
    if name == "mobilenetv2":
        return MobileNetV2(layers)
    if name == "resnet20":
        return ResNet([3, 3, 3], False, layers, width=16, classes=10, small=True)
    counts = {"resnet18": [2, 2, 2, 2], "resnet50": [3, 4, 6, 3]}[name]
    return ResNet(counts, name == "resnet50", layers)
