"""The counterpart of bench/input.ts: torchvision's DataLoader over the same folder, one epoch per line on stdin."""
import os
import sys
import time

import torch
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

root, workers, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
data = datasets.ImageFolder(
    root,
    transforms.Compose(
        [
            transforms.RandomResizedCrop(224),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    ),
)
torch.set_num_threads(1)
loader = DataLoader(data, batch, shuffle=True, num_workers=workers, persistent_workers=True)


def cpu_seconds():
    """CPU seconds of this process and its workers."""
    total = time.process_time()
    for worker in getattr(loader._iterator, "_workers", []):
        with open(f"/proc/{worker.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


sum(len(labels) for _, labels in loader)
print("ready", flush=True)
for _ in sys.stdin:
    started, spent = time.perf_counter(), cpu_seconds()
    count = sum(len(labels) for _, labels in loader)
    print(f"{count} {time.perf_counter() - started} {cpu_seconds() - spent}", flush=True)
