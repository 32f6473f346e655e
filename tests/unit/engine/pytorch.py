#!/usr/bin/env python3
"""Makes pytorch.json: what PyTorch's losses are, step by step, from given weights on given batches.

test_pytorch.c repeats every case with the engine and compares. The file is made once and kept; to make it anew run this with
Debian's python3-torch (1.13.1), and read what changed:

    python3 tests/unit/engine/pytorch.py > tests/unit/engine/pytorch.json

A case is a chain of layers and what trains it. Its tensors come in the order in which the engine lays parameters out: of a layer
weights [width x inputs], bias, and the parameters its element learns; of a norm scale and shift.
"""
import json
import math

import torch
from torch import nn
from torch.nn import functional as f

SAMPLES, INPUTS, CLASSES, STEPS = 40, 3, 3, 50
torch.manual_seed(1)
torch.set_num_threads(1)

x = (torch.randn(SAMPLES, INPUTS) * 1e4).round() / 1e4
labels = torch.randint(0, CLASSES, (SAMPLES,))
values = torch.stack([torch.sin(x[:, 0]) + x[:, 1] * x[:, 2], x.sum(1) / 2], 1)
class_weights = torch.tensor([0.5, 1.0, 2.0])
shares = (torch.softmax(2 * x, 1) * 1e6).round() / 1e6  # of the classes: a target that is no single label

elements = {
    "L": nn.Identity, "R": nn.ReLU, "Lr": lambda: nn.LeakyReLU(0.01), "E": nn.ELU, "Se": nn.SELU, "G": nn.GELU, "Sw": nn.SiLU,
    "M": nn.Mish, "Sp": nn.Softplus, "S": nn.Sigmoid, "T": nn.Tanh, "Ss": nn.Softsign,
}


class Formula(nn.Module):
    def __init__(self, formula):
        super().__init__()
        self.formula = formula

    def forward(self, z):
        return self.formula(z)


elements["Si"] = lambda: Formula(torch.sin)
elements["Ga"] = lambda: Formula(lambda z: torch.exp(-z * z))


def network(genes, outputs):
    """Modules of a chain such as ["T6[lr_scale=0.1]", "Bn", "Pr5"], their parameters in the engine's order, and the layers' factors."""
    modules, tensors, rates, width = [], [], [], INPUTS
    for gene in genes + ["L%d" % outputs]:
        if gene in ("Bn", "Ln"):
            norm = nn.BatchNorm1d(width) if gene == "Bn" else nn.LayerNorm(width)
            with torch.no_grad():
                norm.weight.add_(0.1 * torch.randn(width))
                norm.bias.add_(0.1 * torch.randn(width))
            modules.append(norm)
            tensors += [norm.weight, norm.bias]
            continue
        layer, _, traits = gene.partition("[")
        symbol, wide = layer.rstrip("0123456789"), int(layer.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
        rates.append(float(traits[len("lr_scale="):-1]) if traits else 1)
        linear = nn.Linear(width, wide)
        modules.append(linear)
        tensors += [linear.weight, linear.bias]
        if symbol == "Pr":
            learned = nn.PReLU(wide, init=0.25)
            modules.append(learned)
            tensors.append(learned.weight)
        else:
            modules.append(elements[symbol]())
        width = wide
    return nn.Sequential(*modules), tensors, rates


def pinball(error, q):
    return torch.maximum(q * error, (q - 1) * error).mean()


losses = {
    "cross_entropy": (CLASSES, lambda z, rows: f.cross_entropy(z, labels[rows])),
    "smoothed": (CLASSES, lambda z, rows: f.cross_entropy(z, labels[rows], label_smoothing=0.1)),
    "weighted": (CLASSES, lambda z, rows: (f.cross_entropy(z, labels[rows], reduction="none") * class_weights[labels[rows]]).mean()),
    "hinge": (CLASSES, lambda z, rows: f.multi_margin_loss(z, labels[rows])),
    "binary_cross_entropy": (1, lambda z, rows: f.binary_cross_entropy_with_logits(z[:, 0], (labels[rows] == 1).float())),
    "binary_smoothed": (1, lambda z, rows: f.binary_cross_entropy_with_logits(z[:, 0], 0.9 * (labels[rows] == 1).float() + 0.05)),
    "binary_weighted": (1, lambda z, rows: f.binary_cross_entropy_with_logits(
        z[:, 0], (labels[rows] == 1).float(), weight=class_weights[(labels[rows] == 1).long()])),
    "shares": (CLASSES, lambda z, rows: f.cross_entropy(z, shares[rows])),
    "binary_shares": (CLASSES, lambda z, rows: f.binary_cross_entropy_with_logits(z, shares[rows])),
    "brier": (CLASSES, lambda z, rows: f.mse_loss(torch.softmax(z, 1), f.one_hot(labels[rows], CLASSES).float())),
    "sigmoid_mae": (CLASSES, lambda z, rows: f.l1_loss(torch.sigmoid(z), shares[rows])),
    "mse": (2, lambda z, rows: f.mse_loss(z, values[rows])),
    "mae": (2, lambda z, rows: f.l1_loss(z, values[rows])),
    "huber": (2, lambda z, rows: f.huber_loss(z, values[rows], delta=0.7)),
}
# Those that the engine has as formulas.
formulas = {
    "pinball": (2, lambda z, rows: pinball(values[rows] - z, 0.9)),
    "log_cosh": (2, lambda z, rows: torch.log(torch.cosh(z - values[rows])).mean()),
}

optimizers = {
    "sgd": lambda p, lr: torch.optim.SGD(p, lr),
    "momentum": lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9),
    "nesterov": lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9, nesterov=True),
    "rmsprop": lambda p, lr: torch.optim.RMSprop(p, lr, alpha=0.99, eps=1e-8),
    "adam": lambda p, lr: torch.optim.Adam(p, lr),
    "rprop": lambda p, lr: torch.optim.Rprop(p, lr),
}

schedules = {
    "constant": None,
    "stepwise": lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=10, gamma=0.5),
    "exponential": lambda o: torch.optim.lr_scheduler.ExponentialLR(o, gamma=0.95),
    "cosine": lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=STEPS, eta_min=0),
    "one_cycle": lambda o: torch.optim.lr_scheduler.OneCycleLR(o, max_lr=0.1, total_steps=STEPS, cycle_momentum=False),
    "cosine_warmup": lambda o: torch.optim.lr_scheduler.SequentialLR(o, [
        torch.optim.lr_scheduler.LinearLR(o, start_factor=1 / 11, total_iters=10),
        torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=STEPS - 10, eta_min=0)], milestones=[10]),
    "plateau": lambda o: torch.optim.lr_scheduler.ReduceLROnPlateau(o, factor=0.5, patience=2),
}


def decayed(tensors, modules, lr):
    """AdamW shrinks weights, not biases."""
    weights = [m.weight for m in modules if isinstance(m, nn.Linear)]
    others = [t for t in tensors if not any(t is w for w in weights)]
    return torch.optim.AdamW([{"params": weights, "weight_decay": 0.1}, {"params": others, "weight_decay": 0}], lr)


def scaled(optimizer, modules, rates, lr):
    """Each layer at a rate of its own; no norms."""
    linears = [m for m in modules if isinstance(m, nn.Linear)]
    decay = [0.1, 0] if optimizer == "adamw" else [0, 0]
    groups = [{"params": [t], "lr": lr * rate, **({"weight_decay": decay[k]} if optimizer == "adamw" else {})}
              for linear, rate in zip(linears, rates) for k, t in enumerate([linear.weight, linear.bias])]
    return torch.optim.AdamW(groups, lr) if optimizer == "adamw" else optimizers[optimizer](groups, lr)


def case(name, genes, loss="cross_entropy", optimizer="adam", lr=0.01, batch=8, schedule="constant", clip=0.0, l2=0.0, l1=0.0,
         evaluate=False):
    outputs, of = losses[loss] if loss in losses else formulas[loss]
    modules, tensors, rates = network(genes, outputs)
    start = [[round(v, 6) for v in t.detach().flatten().tolist()] for t in tensors]
    with torch.no_grad():  # exactly what is written down
        for tensor, numbers in zip(tensors, start):
            tensor.copy_(torch.tensor(numbers).reshape(tensor.shape))
    if rates != [1] * len(rates):
        stepper = scaled(optimizer, modules, rates, lr)
    else:
        stepper = decayed(tensors, modules, lr) if optimizer == "adamw" else optimizers[optimizer](tensors, lr)
    scheduler = schedules[schedule](stepper) if schedules[schedule] else None
    weights = [m.weight for m in modules if isinstance(m, nn.Linear)]
    found = []
    for step in range(STEPS):
        at = step * batch % SAMPLES
        rows = torch.arange(at, at + batch)
        stepper.zero_grad()
        value = of(modules(x[rows]), rows)
        found.append(value.item())
        value.backward()
        if clip:
            nn.utils.clip_grad_norm_(tensors, clip)
        for weight in weights:
            weight.grad += 2 * l2 * weight.detach() + l1 * torch.sign(weight.detach())
        stepper.step()
        if scheduler and schedule == "plateau":
            scheduler.step(value.item())
        elif scheduler:
            scheduler.step()
    made = {"name": name, "dna": "-".join(genes), "outputs": outputs, "loss": loss, "optimizer": optimizer, "lr": lr, "batch": batch,
            "schedule": schedule, "clip": clip, "l2": l2, "tensors": start, "losses": [float("%.7g" % v) for v in found]}
    if l1:
        made["l1"] = l1
    if evaluate:  # what the trained network says of all samples, the norms by their running figures
        modules.eval()
        said = torch.softmax(modules(x), 1) if loss == "cross_entropy" else modules(x)
        made["outputs_trained"] = [float("%.7g" % v) for v in said.detach().flatten().tolist()]
    return made


cases = [case("element " + symbol, [symbol + "6", symbol + "5"]) for symbol in list(elements) + ["Pr"]]
later = ["binary_smoothed", "binary_weighted", "shares", "binary_shares", "brier", "sigmoid_mae"]
cases += [case("loss " + loss, ["T6"], loss=loss) for loss in losses if loss not in later]
cases += [case("optimizer " + name, ["T6"], optimizer=name, lr=lr)
          for name, lr in [("sgd", 0.1), ("momentum", 0.05), ("nesterov", 0.05), ("rmsprop", 0.01), ("adam", 0.03), ("adamw", 0.03)]]
cases += [case("optimizer rprop", ["T6"], optimizer="rprop", lr=0.01, batch=SAMPLES)]
cases += [case("schedule " + name, ["T6"], lr=0.1, batch=SAMPLES, schedule=name) for name in schedules if name != "cosine_warmup"]
cases += [case("clipped", ["T6"], optimizer="sgd", lr=0.5, clip=0.1), case("l2", ["T6"], l2=0.02)]
cases += [case("batchnorm", ["T6", "Bn", "G5"]), case("layernorm", ["T6", "Ln", "G5"])]
cases += [case("loss " + loss, ["T6"], loss=loss) for loss in formulas]
cases += [case("loss " + loss, ["T6"], loss=loss) for loss in later]
cases += [case("schedule cosine_warmup", ["T6"], lr=0.1, batch=SAMPLES, schedule="cosine_warmup")]
cases += [case("layers at their own rates, " + name, ["T6[lr_scale=0.1]", "G6[lr_scale=0]", "T5[lr_scale=3]"], optimizer=name, lr=lr)
          for name, lr in [("sgd", 0.1), ("nesterov", 0.05), ("rmsprop", 0.01), ("adam", 0.03), ("adamw", 0.03)]]
cases += [case("l1", ["T6"], l1=0.01), case("l1 and clipped", ["R6"], optimizer="momentum", lr=0.05, l1=0.01, clip=0.2)]
cases += [case("batchnorm, then inference", ["T6", "Bn", "G5", "Bn"], evaluate=True),
          case("layernorm, then inference", ["T6", "Ln", "G5"], loss="mse", evaluate=True),
          case("batchnorm and decay", ["R6", "Bn", "R6"], optimizer="adamw", lr=0.02, evaluate=True)]
cases += [case("deep", ["T6", "Sw6", "E6", "M6", "Se6", "Sp4"], optimizer="adam", lr=0.005, evaluate=True)]

for made in cases:
    assert all(math.isfinite(v) for v in made["losses"]), made["name"]
rows = {"x": [round(v, 4) for v in x.flatten().tolist()], "labels": labels.tolist(), "values": values.flatten().tolist(),
        "class_weights": class_weights.tolist(), "shares": [round(v, 6) for v in shares.flatten().tolist()]}
print("{\"data\": %s,\n\"cases\": [\n%s\n]}" % (json.dumps(rows), ",\n".join(json.dumps(made) for made in cases)))
