"""What the peers in Python share: the workloads, the data that bench_data wrote, and the loop that compare.py talks to."""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Workload:
    sizes: tuple  # of the layers, inputs and outputs included
    epochs: int
    batch: int  # 0: all samples
    rate: float
    element: str = "relu"
    density: float = 1  # of the first layer
    loss: str = "cross_entropy"


XOR = Workload((2, 4, 1), 1000, 0, 1.0, "sigmoid", loss="mse")
WORKLOADS = {
    "W1": [XOR],
    "W2": [Workload((2, 4, 4, 2), 1000, 0, 1e-2)],
    "W2b": [Workload((2, 4, 4, 2), 1000, 32, 1e-2)],
    "W3": [
        Workload((2, *[4] * depth, 2), 500, 0, 1e-2, element)
        for element in ("relu", "leaky_relu", "elu", "tanh", "sigmoid", "gelu", "swish", "sine")
        for depth in (1, 3, 5)
    ],
    "W4": [Workload((784, 128, 10), 1, 64, 1e-3)],
    "W4b": [Workload((784, 512, 256, 10), 1, 128, 1e-3)],
    "W5": [Workload((784, 128, 10), 1, 64, 1e-3, density=0.02)],
    "W6": [XOR],
}


def data_of(workload, folder, cache={}):
    """Inputs as float32 and labels as int64; for XOR the targets as a column."""
    if workload is XOR:
        x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
        return x, np.array([[0], [1], [1], [0]], np.float32)
    inputs = workload.sizes[0]
    if inputs not in cache:
        if inputs == 2:
            table = np.loadtxt(Path(folder, "spirals.csv"), delimiter=",", skiprows=1)
            cache[inputs] = table[:, :2].astype(np.float32), table[:, 2].astype(np.int64)
        else:
            images = np.fromfile(Path(folder, "images.idx"), np.uint8, offset=16).reshape(-1, inputs)
            labels = np.fromfile(Path(folder, "labels.idx"), np.uint8, offset=8)
            cache[inputs] = images.astype(np.float32) / 255, labels.astype(np.int64)
    return cache[inputs]


def serve(train):
    """Answers each line `WORKLOAD REPEATS SEED` by as many lines of seconds and loss, then a dot. `train(workload, x, y, seed)` gives the
    seconds of the training loop and the mean loss of the last epoch."""
    folder = sys.argv[1]
    for line in sys.stdin:
        name, repeats, first = line.split()
        for seed in range(int(first), int(first) + int(repeats)):
            results = [train(workload, *data_of(workload, folder), seed) for workload in WORKLOADS[name]]
            print(sum(seconds for seconds, _ in results), sum(loss for _, loss in results) / len(results), flush=True)
        print(".", flush=True)
