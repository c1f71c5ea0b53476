"""The peer of torchvision-images.test.ts: prints what torchvision makes of the same files as JSON."""
import json
import math
import struct
import sys

import numpy as np
import torch
from PIL import Image
from torchvision import datasets, models, transforms

mode = sys.argv[1]
if mode == "probe":
    print(json.dumps(torch.__version__))
elif mode == "pixels":
    root, resize, size, out = sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
    view = transforms.Compose([transforms.Resize(resize), transforms.CenterCrop(size)])
    data = datasets.ImageFolder(root)
    with open(out, "wb") as file:
        for path, _ in data.samples:
            file.write(np.asarray(view(Image.open(path).convert("RGB"))).tobytes())
    print(json.dumps({"paths": [path for path, _ in data.samples], "labels": data.targets}))
elif mode == "crops":
    width, height, count = map(int, sys.argv[2:5])
    torch.manual_seed(0)
    image = Image.new("RGB", (width, height))
    draw = transforms.RandomResizedCrop.get_params
    boxes = [draw(image, [0.08, 1.0], [3 / 4, 4 / 3]) for _ in range(count)]
    print(json.dumps([[left, top, wide, tall] for top, left, tall, wide in boxes]))
elif mode == "predict":
    root, weights, classes = sys.argv[2], sys.argv[3], int(sys.argv[4])
    with open(weights, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        body = file.read()
    state = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = entry["data_offsets"]
        kind = {"F32": np.float32, "I64": np.int64}[entry["dtype"]]
        values = np.frombuffer(body[start:end], kind).copy()
        state[name] = torch.from_numpy(values).reshape(entry["shape"])
    model = models.resnet18(num_classes=classes)
    missing, unexpected = model.load_state_dict(state, strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    assert not missing and not unexpected, (missing, unexpected)
    model.eval()
    view = transforms.Compose(
        [
            transforms.Resize(256),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )
    data = datasets.ImageFolder(root, view)
    with torch.no_grad():
        logits = [model(data[i][0][None])[0].tolist() for i in range(len(data))]
    assert all(math.isfinite(value) for row in logits for value in row)
    print(json.dumps(logits))
