"""The quantizers that bench/step.py measures, in plain PyTorch, in its usual style.

A set of layers makes what a network needs: `activation()`, `last_activation()` (before MobileNetV2's last
convolution) and `conv(inputs, outputs, kernel, stride, groups)`. `FullPrecision` has no activation quantizer.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn

SHORTEST_INTERVAL = 1e-3
SMALLEST_STEP = 1e-8


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


def straight_through_round(x):
    return x.round().detach() + (x - x.detach())


def scaled_gradient(x, factor):
    """x, with its gradient multiplied by `factor`."""
    return x.detach() + (x - x.detach()) * factor


def lsq(x, step, low, high):
    """LSQ (Esser et al. 2020, arXiv 1902.08153, equations 1-3): round(clip(x/s, -Qn, Qp))·s with a learned
    step s, whose gradient is multiplied by g = 1/√(numel·Qp) (section 2.2). The gradients are autograd's.
    """
    g = 1 / math.sqrt(x.numel() * max(1, high))
    step = scaled_gradient(step, g).clamp(min=SMALLEST_STEP)
    return straight_through_round((x / step).clamp(low, high)) * step


class LsqActivation(nn.Module):
    """Codes 0 … 2^bits - 1."""

    def __init__(self, bits):
        super().__init__()
        self.high = 2**bits - 1
        self.step = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return lsq(x, self.step, 0, self.high)


class LsqConv(nn.Conv2d):
    """Quantizes weights with one step per layer; codes -2^(bits-1) … 2^(bits-1) - 1."""

    def __init__(self, inputs, outputs, kernel, stride, groups, bits):
        super().__init__(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.levels = 2 ** (bits - 1)
        self.step = nn.Parameter(torch.ones(1))

    def forward(self, x):
        weight = lsq(self.weight, self.step, -self.levels, self.levels - 1)
        return F.conv2d(x, weight, None, self.stride, self.padding, self.dilation, self.groups)


class FullPrecision:
    def activation(self):
        return None

    def last_activation(self):
        return self.activation()

    def conv(self, inputs, outputs, kernel, stride, groups):
        return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)

    def state_of(self, weights):
        """The state dict for these layers from n2uq's weights."""
        return weights


class N2uqLayers(FullPrecision):
    def __init__(self, weight_bits, activation_bits):
        self.weight_bits, self.activation_bits = weight_bits, activation_bits

    def activation(self):
        return Thresholds(self.activation_bits)

    def last_activation(self):
        return Pact(self.activation_bits)

    def conv(self, *shape):
        return QuantizedConv(*shape, self.weight_bits)


class LsqLayers(N2uqLayers):
    def activation(self):
        return LsqActivation(self.activation_bits)

    def last_activation(self):
        return self.activation()

    def conv(self, *shape):
        return LsqConv(*shape, self.weight_bits)
