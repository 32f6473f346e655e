"""pytorch.py FOLDER THREADS eager|traced: PyTorch as its tutorials use it; or with network and loss traced, and gradients replaced
instead of cleared."""

import sys
import time

import torch
from common import XOR, serve
from torch import nn
from torch.nn import functional as F

THREADS, TRACED = int(sys.argv[2]), sys.argv[3] == "traced"
torch.set_num_threads(THREADS)
torch.set_flush_denormal(True)


class Sine(nn.Module):
    def forward(self, x):
        return torch.sin(x)


class Masked(nn.Linear):
    """A layer in which only some of the connections exist."""

    def __init__(self, inputs, outputs, density):
        super().__init__(inputs, outputs)
        self.register_buffer("mask", (torch.rand(outputs, inputs) < density).float())

    def forward(self, x):
        return F.linear(x, self.weight * self.mask, self.bias)


ELEMENTS = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "gelu": nn.GELU,
    "swish": nn.SiLU,
    "sine": Sine,
}


class Network(nn.Module):
    """The network and its loss."""

    def __init__(self, workload):
        super().__init__()
        layers = []
        for i, (inputs, outputs) in enumerate(zip(workload.sizes, workload.sizes[1:])):
            density = workload.density if i == 0 else 1
            layer = nn.Linear(inputs, outputs) if density == 1 else Masked(inputs, outputs, density)
            if workload.element == "sigmoid":
                nn.init.xavier_uniform_(layer.weight)
            else:
                nn.init.normal_(layer.weight, std=(2 / (inputs * density)) ** 0.5)
            nn.init.zeros_(layer.bias)
            layers += [layer, ELEMENTS[workload.element]()]
        if workload is not XOR:
            layers.pop()
        self.layers = nn.Sequential(*layers)
        self.loss = nn.MSELoss() if workload is XOR else nn.CrossEntropyLoss()

    def forward(self, x, y):
        return self.loss(self.layers(x), y)


def train(workload, x, y, seed):
    torch.manual_seed(seed)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    network = Network(workload)
    if workload is XOR:
        optimizer = torch.optim.SGD(network.parameters(), workload.rate)
    else:
        optimizer = torch.optim.Adam(network.parameters(), workload.rate)
    loss_of = network
    batch = workload.batch or len(x)
    if TRACED:
        loss_of = torch.jit.trace(network, (x[:batch], y[:batch]))
        for _ in range(3):  # it is compiled as it runs
            loss_of(x[:batch], y[:batch]).backward()
        optimizer.zero_grad(set_to_none=True)
    began = time.perf_counter()
    for _ in range(workload.epochs):
        total = 0
        order = torch.randperm(len(x)) if batch < len(x) else None
        for start in range(0, len(x), batch):
            chosen = order[start : start + batch] if order is not None else slice(None)
            xs, ys = x[chosen], y[chosen]
            optimizer.zero_grad(set_to_none=TRACED)
            loss = loss_of(xs, ys)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(xs)
    return time.perf_counter() - began, total / len(x)


serve(train)
