"""sklearn_mlp.py FOLDER: scikit-learn's MLPClassifier; fit() whole. It has no squared error for classes: on XOR it minimises the
cross-entropy."""

import time
import warnings

from common import XOR, serve
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)


def train(workload, x, y, seed):
    network = MLPClassifier(
        workload.sizes[1:-1],
        activation="logistic" if workload is XOR else "relu",
        solver="sgd" if workload is XOR else "adam",
        alpha=0,
        batch_size=workload.batch or len(x),
        learning_rate_init=workload.rate,
        momentum=0,
        max_iter=workload.epochs,
        tol=0,
        n_iter_no_change=workload.epochs + 1,
        random_state=seed,
    )
    y = y.ravel()
    began = time.perf_counter()
    network.fit(x, y)
    return time.perf_counter() - began, network.loss_curve_[-1]


serve(train)
