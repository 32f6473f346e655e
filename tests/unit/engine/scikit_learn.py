#!/usr/bin/env python3
"""Makes scikit_learn.json: what scikit-learn's metrics are of given outputs and targets.

test_report.c computes the same and compares. The file is made once and kept; to make it anew run this with Debian's
python3-sklearn (1.2.1), and read what changed:

    python3 tests/unit/engine/scikit_learn.py > tests/unit/engine/scikit_learn.json

Precision, recall and F1 are those with zero_division=0; the mean is over the classes that occur or are predicted, which is what
scikit-learn takes unless it is told the classes. Where a metric is not defined there (one class only), null is written.
"""
import json
import warnings

import numpy as np
from sklearn import metrics

warnings.simplefilter("ignore")
random = np.random.RandomState(1)


def written(floats):
    """As short as they read back."""
    return [float(str(x)) for x in np.asarray(floats, np.float32).flat]


def auc(truth, output):
    return metrics.roc_auc_score(truth, output) if 0 < truth.sum() < len(truth) else None


def mean(figures):
    figures = [figure for figure in figures if figure is not None]
    return float(np.mean(figures)) if figures else None


def class_case(name, outputs, labels, classes):
    """Outputs [samples x classes], or [samples x 1] of the second of two."""
    outputs = np.asarray(outputs, np.float32)
    labels = np.asarray(labels)
    answers = (outputs[:, 0] > 0.5).astype(int) if outputs.shape[1] == 1 else outputs.argmax(1)
    each = metrics.precision_recall_fscore_support(labels, answers, labels=range(classes), zero_division=0)
    known = sorted(set(labels) | set(answers))
    if classes == 2:
        areas = [auc(labels == 1, outputs[:, -1])] * 2
    else:
        areas = [auc(labels == c, outputs[:, c]) for c in range(classes)]

    def figures(values):
        return [float(v) if c in known else None for c, v in enumerate(values)]

    macro = metrics.precision_recall_fscore_support(labels, answers, average="macro", zero_division=0)
    return {
        "name": name, "classes": classes, "width": outputs.shape[1],
        "outputs": written(outputs), "labels": [int(x) for x in labels],
        "accuracy": metrics.accuracy_score(labels, answers),
        "balanced_accuracy": metrics.balanced_accuracy_score(labels, answers),
        "precision": float(macro[0]), "recall": float(macro[1]), "f1": float(macro[2]), "auc": mean(areas),
        "class_precision": figures(each[0]), "class_recall": figures(each[1]), "class_f1": figures(each[2]),
        "class_auc": areas, "support": [int(n) for n in each[3]],
        "confusion": [int(n) for n in metrics.confusion_matrix(labels, answers, labels=range(classes)).flat],
    }


def drawn(samples, shares, skill, decimals):
    """Labels drawn by shares, and probabilities that know something of them; few decimals give ties."""
    labels = random.choice(len(shares), samples, p=shares)
    z = random.randn(samples, len(shares)) + np.log(shares)
    z[np.arange(samples), labels] += skill
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    return p.round(decimals), labels


def class_cases():
    for name, shares, skill, decimals in [
        ("two balanced", [0.5, 0.5], 1, 6), ("two, one in twenty", [0.95, 0.05], 1, 6), ("two with ties", [0.7, 0.3], 1, 1),
        ("three", [0.3, 0.3, 0.4], 1.5, 6), ("five, some rare", [0.6, 0.2, 0.1, 0.06, 0.04], 2, 6),
        ("four with ties", [0.4, 0.3, 0.2, 0.1], 1, 1), ("ten", [0.1] * 10, 2.5, 4), ("chance", [0.25] * 4, 0, 3),
    ]:
        p, labels = drawn(120, shares, skill, decimals)
        yield class_case(name, p, labels, len(shares))
        if len(shares) == 2:
            yield class_case(name + ", one output", p[:, 1:], labels, 2)
    p, labels = drawn(60, [0.98, 0.01, 0.01], 0, 6)
    labels[:3] = [1, 2, 2]
    yield class_case("always the most frequent", np.tile([0.9, 0.06, 0.04], (60, 1)), labels, 3)
    p, labels = drawn(60, [0.5, 0.3, 0.2], 1, 6)
    yield class_case("a class that does not occur", p, np.where(labels == 2, 0, labels), 3)
    p[:, 2] = 0
    yield class_case("a class that neither occurs nor is predicted", p, np.where(labels == 2, 0, labels), 3)
    yield class_case("one class only", p[:, :2], np.zeros(60, int), 2)
    yield class_case("perfect", np.eye(3)[labels], labels, 3)
    yield class_case("all wrong", np.eye(3)[(labels + 1) % 3], labels, 3)
    yield class_case("one sample", [[0.2, 0.8]], [1], 2)
    scores = random.randn(80, 4)
    yield class_case("scores that are no probabilities", scores.round(2), random.randint(0, 4, 80), 4)


def value_case(name, targets, predictions):
    targets, predictions = np.asarray(targets, np.float32), np.asarray(predictions, np.float32)
    wide, told = targets.astype(float), predictions.astype(float)
    varies = (wide.std(0) > 0).all()
    return {
        "name": name, "outputs": targets.shape[1], "targets": written(targets),
        "predictions": written(predictions),
        "r2": metrics.r2_score(wide, told) if varies else None, "mse": metrics.mean_squared_error(wide, told),
        "mae": metrics.mean_absolute_error(wide, told), "rmse": metrics.mean_squared_error(wide, told, squared=False),
    }


def value_cases():
    for name, outputs, level, spread, error in [
        ("one target", 1, 0, 1, 0.3), ("three targets", 3, 0, 2, 0.5), ("far from zero", 1, 1000, 1, 0.2),
        ("worse than the mean", 2, 5, 1, 3), ("tiny", 1, 0, 1e-4, 1e-5), ("large", 2, 1e5, 1e4, 1e3),
    ]:
        targets = level + spread * random.randn(90, outputs)
        yield value_case(name, targets, targets + error * random.randn(90, outputs))
    targets = random.randn(50, 2)
    yield value_case("perfect", targets, targets)
    yield value_case("a target that does not vary", np.ones((20, 1)), random.randn(20, 1))


p, labels = drawn(90, [0.5, 0.3, 0.2], 1, 15)
assert abs(metrics.roc_auc_score(labels, p, multi_class="ovr") - mean([auc(labels == c, p[:, c]) for c in range(3)])) < 1e-12
cases = {"classes": list(class_cases()), "values": list(value_cases())}
print(json.dumps(cases, separators=(",", ":")).replace('{"name"', '\n{"name"'))
