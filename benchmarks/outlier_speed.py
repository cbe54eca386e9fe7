"""Outlier detection: seconds beside those of IsolationForest and PyOD's AutoEncoder.

``python benchmarks/outlier_speed.py`` fits each in turn to tables of ADBench, half of the normal
rows of each, and keeps the medians of three rounds; ratios are those of the same rounds. "rows a
second" is the rate of scoring 100,000 drawn rows of 30 columns after a fit to 10,000 of them, and
"MB" the peak of the memory that takes.
"""

from statistics import median
from time import perf_counter

import numpy as np
from _common import keep, peak_memory
from _common import table as as_table
from _detectors import DETECTORS, installed
from _outlier_tables import tables
from outliers import split
from sklearn.preprocessing import StandardScaler

METHODS = "skae", "IsolationForest", "PyOD AutoEncoder"
TABLES = "Lymphography", "glass", "Stamps", "fault", "letter", "cardio", "SpamBase", "InternetAds"
ROUNDS = 3


def seconds(function, *arguments):
    start = perf_counter()
    found = function(*arguments)
    return found, perf_counter() - start


def fits(table, X, y, methods):
    """Median seconds of a fit of each method to a table."""
    train, _, _ = split(X, y, "normal", 0)
    scaled = StandardScaler().fit_transform(train)
    taken = {method: [] for method in methods}
    for seed in range(ROUNDS):
        for method in methods:
            detector = DETECTORS[method]
            rows = train if detector.scales_itself else scaled
            taken[method].append(seconds(detector.fit, rows, seed)[1])
    first, *others = methods
    ratios = {f"over {name}": median(np.divide(taken[first], taken[name])) for name in others}
    return {"table": table, "rows": len(train), "columns": X.shape[1],
            **{f"{method}, s": median(taken[method]) for method in methods}, **ratios}  # fmt: skip


def drawn(n):
    rng = np.random.default_rng(0)
    factors = rng.normal(size=(n, 5)) @ np.random.default_rng(1).normal(size=(5, 30))
    return np.tanh(factors) + 0.3 * rng.normal(size=(n, 30))


def score(method, n):
    """Seconds of scoring rows after a fit to a tenth as many."""
    detector = DETECTORS[method]
    model = detector.fit(drawn(max(100, n // 10)), 0)
    X = drawn(n)
    detector.score(model, X[:1_000])
    return min(seconds(detector.score, model, X)[1] for _ in range(ROUNDS))


def main() -> None:
    methods = installed(METHODS)
    chosen = {name: (X, y) for name, X, y in tables("adbench") if name in TABLES}
    DETECTORS["skae"].fit(drawn(100), 0)  # the first fit loads libraries
    rows = []
    for name in TABLES:
        rows.append(fits(name, *chosen[name], methods))
        print(as_table(rows[-1:]), flush=True)
    rates = [
        {"method": method, "rows a second": 100_000 / score(method, 100_000),
         "MB": peak_memory(score, (method, 1_000), (method, 100_000))}
        for method in methods
    ]  # fmt: skip
    print(as_table(rates))
    keep("outlier_speed", {"fits": rows, "scoring": rates})


if __name__ == "__main__":
    main()
