"""The other side of test/processes/peers.test.ts: LSQ+, APoT and LCQ as their papers define them, in float64.

    peers.py < CASES > ANSWERS

A case names method, side, bits, options, shape, values `x`, upstream gradients `dy` and parameters. Its answer holds the
output and the gradients of the values and of every parameter, by autograd; only roundings and projections are straight-through.
"""
import itertools
import json
import sys

import torch

torch.set_default_dtype(torch.float64)


def numbers(values):
    return torch.tensor(values, dtype=torch.float64)


def straight_through(wanted, x):
    """`wanted` in the forward pass, the identity of x in the backward pass."""
    return x + (wanted - x).detach()


def scale_gradient(parameter, g):
    return (parameter - parameter * g).detach() + parameter * g


class LsqPlus:
    @staticmethod
    def activation(x, p, bits, world=1, **_):
        low, high = 0, 2**bits - 1
        g = (x.numel() * world * high) ** -0.5
        s, beta = scale_gradient(p["step"], g), scale_gradient(p["offset"], g)
        v = (x - beta) / s
        codes = torch.where(v <= low, torch.full_like(v, low), straight_through(v.round(), v))
        codes = torch.where(v >= high, torch.full_like(v, high), codes)
        return codes * s + beta

    @staticmethod
    def weight(w, p, bits, **_):
        low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
        s = scale_gradient(p["step"], (w.numel() * max(high, 1)) ** -0.5)
        v = torch.clamp(w / s, low, high)
        return straight_through(v.round(), v) * s


def powers(bits):
    """Every sum of one number of each set, in units of the largest sum (odd bits have one set of two more)."""
    n, odd = divmod(bits, 2)
    sets = [[0, 2**-i, 2 ** -(i + n), 2 ** -(i + 2 * n + odd)] for i in range(n)] + [[0, 2 ** (-2 * n)]] * odd
    sums = sorted(sum(one) for one in itertools.product(*sets))
    return torch.tensor(sums) / max(sums)


def nearest(levels, x):
    distance = (x.reshape(-1, 1) - levels.reshape(1, -1)).abs()
    return levels[distance.argmin(1)].reshape(x.shape)


class Apot:
    @staticmethod
    def activation(x, p, bits, **_):
        alpha = p["act_alpha"]
        v = torch.clamp(x / alpha, 0, 1)
        return alpha * straight_through(nearest(powers(bits), v), v)

    @staticmethod
    def weight(w, p, bits, **_):
        alpha = p["weight_alpha"]
        v = torch.clamp((w - w.mean()) / w.std(unbiased=False) / alpha, -1, 1)
        positive = powers(bits - 1)
        levels = torch.cat([-positive.flip(0)[:-1], positive])
        return alpha * straight_through(nearest(levels, v), v)


class Companding:
    """The compressing function f with K intervals, and its inverse."""

    def __init__(self, theta):
        self.K = len(theta)
        parts = torch.softmax(theta, 0)
        self.gamma = parts * self.K
        self.beta = torch.cat([torch.zeros(1), torch.cumsum(parts, 0)])
        self.d = torch.arange(self.K) / self.K

    def compress(self, v):
        k = torch.clamp((v * self.K).floor().long(), 0, self.K - 1)
        return self.gamma[k] * (v - self.d[k]) + self.beta[k]

    def expand(self, q):
        k = torch.clamp(torch.searchsorted(self.beta.detach(), q.detach(), right=True) - 1, 0, self.K - 1)
        return (q - self.beta[k]) / self.gamma[k] + self.d[k]


def lcq(x, alpha, theta, steps):
    """To x and α the companded rounding is straight-through; θ sees both the compressing and the expanding."""
    sign = torch.where(x >= 0, 1.0, -1.0)
    magnitude = x * sign / alpha
    f, fixed = Companding(theta), magnitude.detach().clamp(max=1)
    compressed = f.compress(fixed)
    g = f.expand(straight_through((compressed * steps).round() / steps, compressed))
    inside = magnitude < 1
    g = torch.where(inside, g + magnitude - magnitude.detach(), torch.ones_like(g))
    return sign * alpha * g


class Lcq:
    @staticmethod
    def activation(x, p, bits, **_):
        return lcq(x.clamp(min=0), p["alpha"], p["theta"], 2**bits - 1)

    @staticmethod
    def weight(w, p, bits, **_):
        mean, std = w.mean(), w.std(unbiased=False)
        return std * lcq((w - mean) / std, p["alpha"], p["theta"], 2 ** (bits - 1) - 1)


METHODS = {"lsq-plus": LsqPlus, "apot": Apot, "lcq": Lcq}


def answer(case):
    x = numbers(case["x"]).reshape(case["shape"]).requires_grad_()
    parameters = {name: numbers(value).requires_grad_() for name, value in case["parameters"].items()}
    forward = getattr(METHODS[case["method"]], case["side"])
    y = forward(x, parameters, case["bits"], **case["options"])
    y.backward(numbers(case["dy"]).reshape(case["shape"]))
    gradients = {name: p.grad.flatten().tolist() for name, p in parameters.items()}
    return {"y": y.flatten().tolist(), "dx": x.grad.flatten().tolist(), "gradients": gradients}


def first_values(case):
    """LSQ+'s first values, found as the paper does: by autograd on the squared error, from the range of the values."""
    x, high = numbers(case["x"]), 2 ** case["bits"] - 1
    if case["side"] == "weight":
        mean, std = x.mean(), x.std(unbiased=False)
        return {"step": max(abs(mean - 3 * std), abs(mean + 3 * std)).item() / 2 ** (case["bits"] - 1)}

    def error(s, beta):
        v = torch.clamp((x - beta) / s, 0, high)
        return ((straight_through(v.round(), v) * s + beta - x) ** 2).mean()

    best = float("inf")
    s = ((x.max() - x.min()) / high).clone().requires_grad_()
    beta = x.min().clone().requires_grad_()
    optimizer = torch.optim.Adam([s, beta], lr=0.01)
    for _ in range(600):
        optimizer.zero_grad()
        loss = error(s, beta)
        loss.backward()
        best = min(best, loss.item())
        optimizer.step()
    found = error(numbers(case["found"]["step"]), numbers(case["found"]["offset"]))
    return {"best": best, "found": found.item()}


cases = json.load(sys.stdin)
json.dump([first_values(case) if "found" in case else answer(case) for case in cases], sys.stdout)
