"""numpy_mlp.py FOLDER: the network by hand in NumPy, all parameters in one vector for Adam; a sparse layer by SciPy's CSR."""

import time

import numpy as np
from common import XOR, serve


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def gelu(z):
    s = sigmoid(1.5957691216 * (z + 0.044715 * z**3))
    return z * s, s + z * s * (1 - s) * (1.5957691216 + 0.2140644488 * z * z)


def swish(z):
    s = sigmoid(z)
    return z * s, s + z * s * (1 - s)


def by_value(value, slope):
    """An element whose slope follows from its value."""

    def both(z):
        a = value(z)
        return a, slope(a)

    return both


# Each gives value and slope.
ELEMENTS = {
    "relu": lambda z: (np.maximum(z, 0), z > 0),
    "leaky_relu": lambda z: (np.where(z > 0, z, 0.01 * z), np.where(z > 0, np.float32(1), np.float32(0.01))),
    "elu": by_value(lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))), lambda a: np.minimum(a, 0) + 1),
    "tanh": by_value(np.tanh, lambda a: 1 - a * a),
    "sigmoid": by_value(sigmoid, lambda a: a * (1 - a)),
    "gelu": gelu,
    "swish": swish,
    "sine": lambda z: (np.sin(z), np.cos(z)),
}


class Dense:
    def __init__(self, inputs, outputs, density):
        self.shape = inputs, outputs
        self.count = inputs * outputs

    def bind(self, weights, slopes):
        self.weights, self.slopes = weights.reshape(self.shape), slopes.reshape(self.shape)

    def forward(self, x):
        return x @ self.weights

    def gradient(self, x, d):
        np.matmul(x.T, d, out=self.slopes)

    def backward(self, d):
        return d @ self.weights.T


class Sparse:
    """Connections as CSR, a row for each output; only ever the first layer, so that nothing goes back through it."""

    def __init__(self, inputs, outputs, density):
        from scipy.sparse import csr_matrix

        where = np.sort(np.random.choice(inputs * outputs, int(density * inputs * outputs), replace=False))
        self.rows, self.columns = where // inputs, where % inputs
        self.count = len(where)
        ones = np.ones(self.count, np.float32)
        self.matrix = csr_matrix((ones, (self.rows, self.columns)), (outputs, inputs))

    def bind(self, weights, slopes):
        self.matrix.data, self.slopes = weights, slopes

    def forward(self, x):
        return (self.matrix @ x.T).T

    def gradient(self, x, d):
        np.einsum("ij,ij->i", d.T[self.rows], x.T[self.columns], out=self.slopes)


class Network:
    def __init__(self, workload):
        self.element = ELEMENTS[workload.element]
        self.mean_squared = workload is XOR
        pairs = list(zip(workload.sizes, workload.sizes[1:]))
        densities = [workload.density] + [1] * (len(pairs) - 1)
        self.layers = [(Dense if q == 1 else Sparse)(i, o, q) for (i, o), q in zip(pairs, densities)]
        size = sum(layer.count + o for layer, (_, o) in zip(self.layers, pairs))
        self.p, self.g, self.m, self.v = np.zeros((4, size), np.float32)
        self.biases, self.step, at = [], 0, 0
        for layer, (i, o), q in zip(self.layers, pairs, densities):
            weights = slice(at, at + layer.count)
            at += layer.count + o
            bias = slice(at - o, at)
            scale = (2 / (i + o)) ** 0.5 if workload.element == "sigmoid" else (2 / (i * q)) ** 0.5
            self.p[weights] = np.random.randn(layer.count) * scale
            layer.bind(self.p[weights], self.g[weights])
            self.biases.append((self.p[bias], self.g[bias]))

    def gradient(self, x, y):
        """The slopes of the mean loss go to self.g; the sum of the losses is returned."""
        n, last = len(x), len(self.layers) - 1
        values, slopes = [x], []
        for i, layer in enumerate(self.layers):
            z = layer.forward(values[-1]) + self.biases[i][0]
            if i < last or self.mean_squared:
                z, slope = self.element(z)
                slopes.append(slope)
            values.append(z)
        if self.mean_squared:
            error = values[-1] - y
            loss = float((error * error).sum())
            d = error * (2 / n) * slopes.pop()
        else:
            z = values[-1]
            d = np.exp(z - z.max(1, keepdims=True))
            d /= d.sum(1, keepdims=True)
            at = np.arange(n), y
            loss = -float(np.log(d[at] + 1e-30).sum())
            d[at] -= 1
            d /= n
        for i in range(last, -1, -1):
            self.layers[i].gradient(values[i], d)
            d.sum(0, out=self.biases[i][1])
            if i:
                d = self.layers[i].backward(d) * slopes[i - 1]
        return loss

    def adam(self, rate):
        self.step += 1
        g, m, v = self.g, self.m, self.v
        m *= 0.9
        m += 0.1 * g
        v *= 0.999
        v += 0.001 * g * g
        scale = rate / (1 - 0.9**self.step)
        self.p -= scale * m / (np.sqrt(v / (1 - 0.999**self.step)) + 1e-8)


def train(workload, x, y, seed):
    np.random.seed(seed)
    network = Network(workload)
    batch = workload.batch or len(x)
    began = time.perf_counter()
    for _ in range(workload.epochs):
        total = 0
        order = np.random.permutation(len(x)) if batch < len(x) else None
        for start in range(0, len(x), batch):
            chosen = order[start : start + batch] if order is not None else slice(None)
            total += network.gradient(x[chosen], y[chosen])
            if workload is XOR:
                network.p -= workload.rate * network.g
            else:
                network.adam(workload.rate)
    return time.perf_counter() - began, total / len(x)


serve(train)
