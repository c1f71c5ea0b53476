"""The other side of test/long/step-peer.test.ts: what the networks of bench/step.py answer.

    step_peer.py logits CASE FOLDER MODE   writes FOLDER/logits.bin; MODE is train or eval
    step_peer.py update CASE PEER FOLDER…  a training step per FOLDER; writes updated.json: loss, gradients, weights
    step_peer.py golden FOLDER             how far quantizers and blocks are from the recorded values and gradients there
"""
import json
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))
from step import load, training_step  # noqa: E402
from step_networks import Block  # noqa: E402
from step_quantizers import N2uqLayers, QuantizedConv, Thresholds  # noqa: E402


def logits(case, folder, mode):
    model, images = load(case, Path(folder))
    with torch.no_grad():
        model.train(mode == "train")(images).numpy().astype("<f4").tofile(Path(folder) / "logits.bin")


def update(case, peer, *folders):
    for folder in folders:
        run, model = training_step(case, folder, "cpu", peer)
        loss = run()
        parameters = {
            name: {"gradient": p.grad.flatten().tolist(), "value": p.detach().flatten().tolist()}
            for name, p in model.named_parameters()
        }
        (Path(folder) / "updated.json").write_text(json.dumps({"loss": loss, "parameters": parameters}))


def golden(folder):
    """A line for each recorded case: its name and the largest relative error of values and gradients."""
    recorded = json.loads((Path(folder) / "quantizers.json").read_text())
    for case in recorded["learnable_threshold"]:
        quantizer = Thresholds(case["bits"])
        quantizer.load_state_dict({name: torch.tensor(case[name]) for name in quantizer.state_dict()})
        check(f"thresholds-{case['bits']}-{case['variant']}", quantizer, case, case["shape"], case["shape"])
    for case in recorded["entropy_preserving_weight"]:
        outputs, inputs, kernel, _ = case["shape"]
        groups = case["groups"]
        layer = QuantizedConv(inputs * groups, outputs, kernel, case["stride"], groups, case["bits"])
        layer.load_state_dict({"weight": torch.tensor(case["weight"]).reshape(case["shape"])})
        name = f"weights-{case['bits']}-{'x'.join(map(str, case['shape']))}"
        check(name, layer, case, case["x_shape"], case["y_shape"])
    for case in json.loads((Path(folder) / "blocks.json").read_text()):
        if case.get("downsample") == "real":
            continue
        block = recorded_block(case)
        params = {n: torch.tensor(p["value"]).reshape(p["shape"]) for n, p in case["params"].items()}
        block.load_state_dict({n: p for n, p in params.items() if "clip_val" not in n}, strict=False)
        assert {n for n in params if "clip_val" not in n} == {n for n, _ in block.named_parameters()}
        grad = {"x": case["grad_x"], **{n: p["grad"] for n, p in case["params"].items()}}
        shapes = case["x_shape"], case["y_shape"]
        check(f"{case['block'].split('(')[0]}-{case['bits']}-stride{case['stride']}", block, {**case, "grad": grad}, *shapes)


def recorded_block(case):
    """With the widths and strides that its recorded weights and shapes tell."""
    convs = []
    for n in (1, 2, 3):
        if f"conv{n}.weight" in case["params"]:
            outputs, inputs, kernel, _ = case["params"][f"conv{n}.weight"]["shape"]
            groups = outputs if inputs == 1 and kernel == 3 else 1
            convs.append([outputs, kernel, 1, groups])
    convs[0 if len(convs) == 2 else 1][2] = case["stride"]
    layers = N2uqLayers(case["bits"], case["bits"])
    if "prelu0.weight" in case["params"]:
        return Block(case["x_shape"][1], convs, layers, after=0)
    if len(convs) == 2:
        return Block(case["x_shape"][1], convs, layers, after=3)
    return Block(case["x_shape"][1], convs, layers, shortcut="same shape")


def check(name, layer, case, x_shape, y_shape):
    x = torch.tensor(case["x"]).reshape(x_shape).requires_grad_()
    y = layer.train()(x)
    y.backward(torch.tensor(case["dy"]).reshape(y_shape))
    errors = [error(y, case["y"]), error(x.grad, case["grad"]["x"])]
    for n, parameter in layer.named_parameters():
        # BatchNorm leaves of scale2's gradient only the rounding of a sum: it is held against that of the intervals.
        whole = case["grad"][n.replace(".scale2", ".a")]
        errors.append(error(parameter.grad, case["grad"][n], whole))
    print(f"{name} {max(errors)}")


def error(found, wanted, whole=()):
    """The largest difference in the largest magnitude of `wanted` and `whole`."""
    wanted = torch.tensor(wanted).flatten()
    scale = max(torch.cat([wanted, torch.tensor(whole).flatten()]).abs().max().item(), 1e-30)
    return (found.detach().flatten() - wanted).abs().max().item() / scale


if __name__ == "__main__":
    {"logits": logits, "update": update, "golden": golden}[sys.argv[1]](*sys.argv[2:])
