"""compare.py BUILD [--quick] [--rounds N] [--only W1,W4] [--alone] [--json FILE]: nel beside the plain loop and the peers that are installed.

Each workload is measured in rounds; in a round every side trains once or several times, one after the other, so that what else the
machine does meets all alike. A side's time is the median of all its trainings; "times nel" is the median over the rounds of the
ratio within the round. All sides read the same data, start from random weights of their own, and tell the mean loss of their last
epoch: where it is not nel's, the row says so. Times are of the training loop alone; the grid (W3) is the whole command for nel.
"""

import argparse
import datetime
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL
from threading import Timer
from time import perf_counter

from show import show

HERE = Path(__file__).resolve().parent
PEERS = HERE / "peers"
# A side whose training takes longer than this many seconds takes part in this many rounds at most.
SLOW_SECONDS, SLOW_ROUNDS = 8, 2
# A library whose threads spin in each other's way may take forever: a training is given up after so many seconds.
MOST_SECONDS = 90
# Medians of the last loss this far apart still count as the same learning: the weights that a training starts from move it as much.
# Of fewer trainings nothing is said.
ALIKE_FACTOR, ALIKE_MARGIN, ALIKE_TRAININGS = 1.5, 0.1, 5

WORKLOADS = {
    "W1": "XOR, 2-4-1 sigmoid, squared error, 1,000 full-batch steps of SGD",
    "W2": "two arms, 200 points, 2-4-4-2 ReLU, Adam, 1,000 full-batch epochs",
    "W2b": "the same in batches of 32: 7,000 steps",
    "W3": "a grid: 8 elements x depth 1, 3, 5 x 4 neurons, 500 full-batch epochs each",
    "W4": "60,000 x 784, 784-128-10 ReLU, Adam, batches of 64, an epoch",
    "W4b": "the same, 784-512-256-10, batches of 128",
    "W5": "as W4 with 2 % of the connections to the hidden layer",
    "W6": "XOR by neuroevolution, a population of 150: a thousand networks judged",
}
# Where a side is not installed: seconds that it took elsewhere, and what they are.
PUBLISHED = {"W6": ("neat-python", 1000 / 12_400, "12,400 networks a second in all, measured earlier on one core of an AMD EPYC")}


class Missing(Exception):
    """A side that is not there, and why."""


class GaveUp(Exception):
    """A training took too long."""


@dataclass
class Side:
    """One that trains. `start(threads)` begins it, `train(workload, repeats, threads, seed)` gives pairs of seconds and loss."""

    name: str
    workloads: dict  # name -> trainings a round
    own_way: frozenset = frozenset()  # workloads that it does by another method: its loss is another one
    threads: dict = field(default_factory=dict)  # workload -> numbers of threads, where not just one
    quick: bool = False
    package: str = ""  # where it is missing: what to install on Debian

    def version(self):
        return ""


def environment(threads):
    """OpenBLAS picks its kernels by the processor, and nobody starts threads that were not asked for."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
    return kept | {name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


def pairs(text):
    return [tuple(map(float, line.split())) for line in text.splitlines()]


@dataclass
class Command(Side):
    """A program that trains and ends."""

    arguments: object = None  # function of workload, repeats, threads, seed

    def start(self, threads):
        program = self.arguments("W1", 1, threads, 1)[0]
        if not Path(program).exists():
            raise Missing(f"{program} was not built")

    def train(self, workload, repeats, threads, seed):
        began = perf_counter()
        done = subprocess.run(
            self.arguments(workload, repeats, threads, seed), env=environment(threads), capture_output=True, text=True, check=False
        )
        seconds = perf_counter() - began
        if done.returncode:
            sys.exit(f"{self.name} failed on {workload}:\n{done.stderr}")
        rows = pairs(done.stdout)
        return [row if len(row) == 2 else (seconds / len(rows), *row) for row in rows]

    def stop(self):
        pass


@dataclass
class Python(Side):
    """A script of peers/ that stays, since libraries take seconds to load. It needs `module`; `versioned` is what the figures name."""

    script: str = ""
    module: str = ""
    folder: Path = None
    versioned: str = ""
    distribution: str = ""  # where the module does not tell its version: what the package is called
    words: tuple = ()
    running: dict = field(default_factory=dict)
    python: str = ""

    def interpreter(self):
        """The first Python that has the module."""
        for python in dict.fromkeys((os.environ.get("PYTHON"), sys.executable, shutil.which("python3"), "/usr/bin/python3")):
            if python and Path(python).exists():
                told = f"{self.versioned or self.module}.__version__"
                if self.distribution:
                    told = f"__import__('importlib.metadata').metadata.version('{self.distribution}')"
                asked = f"import numpy, {self.module}; print({told})"
                found = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=False)
                if found.returncode == 0:
                    return python, found.stdout.strip()
        raise Missing("not installed")

    def version(self):
        return self.found

    def start(self, threads):
        if not self.python:
            self.python, self.found = self.interpreter()
        if threads not in self.running:
            words = [self.python, str(PEERS / self.script), str(self.folder), str(threads), *self.words]
            self.running[threads] = subprocess.Popen(
                words, env=environment(threads), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
            )

    def train(self, workload, repeats, threads, seed):
        self.start(threads)
        process = self.running[threads]
        process.stdin.write(f"{workload} {repeats} {seed}\n")
        process.stdin.flush()
        clock = Timer(MOST_SECONDS * repeats, process.kill)
        clock.start()
        lines = []
        while (line := process.stdout.readline()) not in (".\n", ""):
            lines.append(line)
        clock.cancel()
        if not line:
            del self.running[threads]
            if process.wait() == -SIGKILL:
                raise GaveUp
            sys.exit(f"{self.name} ended on {workload}")
        return pairs("".join(lines))

    def stop(self):
        for process in self.running.values():
            process.stdin.close()
            process.wait()


def sides_of(build, folder):
    every = {name: 1 for name in WORKLOADS if name != "W6"}
    fast = {"W1": 15, "W2": 7, "W2b": 5, "W3": 3, "W4": 2, "W4b": 1, "W5": 3}
    both = {"W3": (1, 2), "W4b": (1, 2)}

    def nel(workload, repeats, threads, seed):
        words = [build / "nel", "--quiet", "--threads", str(threads), HERE / "nel" / f"{workload}.nel"]
        data = ["--folder", folder] if workload != "W6" else []
        return words + data + ["--repeats", str(repeats), "--first", str(seed)]

    def program(name):
        return lambda workload, repeats, threads, seed: [build / "tests" / name, folder, workload, str(repeats), str(seed)]

    def without(*names):
        return {name: count for name, count in every.items() if name not in names}

    torch = {"script": "pytorch.py", "module": "torch", "folder": folder, "package": "python3-torch"}
    return [
        Command("nel", fast | {"W6": 5}, arguments=nel, threads=both, quick=True),
        Command("plain loop", fast, arguments=program("plain"), threads={"W4b": (1, 2)}, quick=True),
        Python("PyTorch", every, words=("eager",), threads={"W4b": (1, 2)}, quick=True, **torch),
        Python("PyTorch traced", every, words=("traced",), **torch),
        Python(
            "scikit-learn",
            without("W3", "W5"),
            own_way=frozenset(("W1",)),
            script="sklearn_mlp.py",
            module="sklearn",
            folder=folder,
            package="python3-sklearn",
        ),
        Python("NumPy", every, script="numpy_mlp.py", module="scipy", versioned="numpy", folder=folder, package="python3-scipy"),
        Command(
            "FANN",
            {"W1": 5, "W2": 1, "W4": 1, "W5": 1},
            own_way=frozenset(WORKLOADS),
            arguments=program("fann_mlp"),
            package="libfann-dev",
        ),
        Python("neat-python", {"W6": 1}, script="neat_xor.py", module="neat", distribution="neat-python", folder=folder, quick=True),
    ]


def there(sides):
    """The sides that can be started; what is missing is told."""
    kept = []
    for side in sides:
        try:
            side.start(1)
            kept.append(side)
        except Missing as missing:
            advice = f" (on Debian the package {side.package}; `.ci/deps peers` installs all of them)" if side.package else ""
            print(f"{side.name} is left out: {missing}{advice}")
    return kept


def measure(workload, sides, rounds, quick):
    """Rows of one workload: side, threads, all pairs of seconds and loss, the median of each round."""
    rows = []
    for side in sides:
        if workload in side.workloads:
            for threads in side.threads.get(workload, (1,)) if not quick or side.name == "nel" else (1,):
                rows.append({"side": side, "threads": threads, "pairs": [], "rounds": []})
    for side in sides:  # the first training of a library finds everything cold
        if workload in side.workloads and workload == "W1":
            side.train(workload, 1, 1, 1)
    for number in range(rounds):
        for row in rows:
            slow = row["rounds"] and row["rounds"][0] > SLOW_SECONDS
            if row.get("gave_up") or (slow and number >= SLOW_ROUNDS):
                continue
            repeats = row["side"].workloads[workload]
            try:
                found = row["side"].train(workload, repeats, row["threads"], 1 + number * repeats)
            except GaveUp:
                row["gave_up"] = True
                continue
            row["pairs"] += found
            row["rounds"].append(statistics.median(seconds for seconds, _ in found))
    return rows


def summary(workload, row, nel):
    """What is kept of a row: figures of its times and losses, and its ratio to nel's on one thread."""
    named = {"side": row["side"].name, "threads": row["threads"], "trainings": len(row["pairs"])}
    if not row["pairs"]:
        return named | {"gave_up": MOST_SECONDS}
    seconds = sorted(seconds for seconds, _ in row["pairs"])
    quartiles = statistics.quantiles(seconds, n=4, method="inclusive") if len(seconds) > 1 else [seconds[0]] * 3
    ratios = [mine / its for mine, its in zip(row["rounds"], nel["rounds"])]
    loss = statistics.median(loss for _, loss in row["pairs"])
    its_loss = statistics.median(loss for _, loss in nel["pairs"])
    own_way = workload in row["side"].own_way
    least, most = sorted((loss, its_loss))
    unknown = own_way or min(len(row["pairs"]), len(nel["pairs"])) < ALIKE_TRAININGS
    return named | {
        "median": statistics.median(seconds),
        "quartiles": [quartiles[0], quartiles[2]],
        "least": seconds[0],
        "times_nel": statistics.median(ratios),
        "times_nel_range": [min(ratios), max(ratios)],
        "loss": loss,
        "own_way": own_way,
        "alike": None if unknown else most <= ALIKE_FACTOR * least + ALIKE_MARGIN,
    }


def with_published(workload, rows):
    """The rows, and a published figure of a side that is not here."""
    name, seconds, source = PUBLISHED.get(workload, (None, 0, ""))
    if not name or any(row["side"] == name for row in rows):
        return rows
    ratio = seconds / rows[0]["median"]
    figures = {"median": seconds, "quartiles": [seconds] * 2, "least": seconds, "times_nel": ratio, "times_nel_range": [ratio] * 2}
    return [*rows, {"side": name, "threads": 1, "trainings": 0, "own_way": False, "alike": None, "published": source} | figures]


def machine():
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text()) if Path("/proc/cpuinfo").exists() else None
    flags = Path("/proc/cpuinfo").read_text() if model else ""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": model[1] if model else platform.processor(),
        "vectors": next((word for word in ("avx512f", "avx2", "sse2") if word in flags), ""),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=Path)
    parser.add_argument("--quick", action="store_true", help="about a minute: two rounds, beside the plain loop and PyTorch")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--only", help="workloads, as W1,W4")
    parser.add_argument("--alone", action="store_true", help="beside the plain loop only")
    parser.add_argument("--json", type=Path, help="where the figures go")
    options = parser.parse_args()
    build = options.build.resolve()
    rounds = options.rounds or (2 if options.quick else 7)
    chosen = options.only.split(",") if options.only else list(WORKLOADS)
    if unknown := [name for name in chosen if name not in WORKLOADS]:
        sys.exit(f"there is no workload {unknown[0]}; there are {', '.join(WORKLOADS)}")

    folder = build / "bench"
    folder.mkdir(exist_ok=True)
    subprocess.run([build / "tests" / "bench_data", folder], check=True)
    where = machine()
    print(f"{where['processor']}, {where['cores']} cores, {where['vectors']}, load {where['load']:.1f}; {rounds} rounds")
    sides = sides_of(build, folder)
    sides = there(sides[:2] if options.alone else [side for side in sides if side.quick or not options.quick])
    version = subprocess.run([build / "nel", "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    figures = {
        "date": datetime.date.today().isoformat(),
        "machine": where,
        "rounds": rounds,
        "versions": {side.name: version if side.name == "nel" else side.version() for side in sides},
        "workloads": {},
    }
    for workload in chosen:
        rows = measure(workload, sides, rounds, options.quick)
        figures["workloads"][workload] = {
            "what": WORKLOADS[workload],
            "rows": with_published(workload, [summary(workload, row, rows[0]) for row in rows]),
        }
        show(workload, WORKLOADS[workload], figures["workloads"][workload]["rows"])
    for side in sides:
        side.stop()
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
        print(f"\nwritten to {options.json}")


main()
