"""Outlier detection: ours beside scikit-learn's detectors and PyOD's, on four sets of tables.

``python benchmarks/outliers.py [METHOD ...] [--sets NAME ...] [--tables NAME ...]`` runs all, or
what is named, and keeps the rows of the others. ``_outlier_tables.py`` says what the sets are, and
on which of them the detector was chosen. Three protocols. "normal": half of the normal rows train,
all other rows are scored. "contaminated": all rows train and are scored. "copies": as "normal",
after tables under 1,000 rows were resampled to so many, as published figures have it, so that
copies of training rows are scored. Tables are cut to 10,000 rows at random, at least 30 of them
outliers where there are so many, for the methods that grow with the square of the rows.
scikit-learn's and PyOD's detectors are given standardised columns. PyOD's are left out where it is
not installed, and EllipticEnvelope is not given the one table of 1,555 columns.
"""

import argparse

import numpy as np
from _common import keep, table
from _detectors import DETECTORS, MOST_COLUMNS, installed
from _outlier_tables import tables
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.preprocessing import StandardScaler

SETS = "adbench", "keel", "drawn", "untouched"
PROTOCOLS = "normal", "contaminated", "copies"
SEEDS = 3
MOST_ROWS = 10_000
FEWEST_OUTLIERS = 30
ROWS_OF_COPIES = 1_000


def split(X, y, protocol, seed):
    """Training rows, rows to score, and which of these are outliers."""
    random = np.random.RandomState(seed)
    order = random.permutation(len(X))
    first = np.argsort(y[order] == 0, kind="stable")[:FEWEST_OUTLIERS]
    taken = np.unique(np.concatenate([order[first], order[:MOST_ROWS]]))
    # Without more outliers than there are: small tables are taken whole.
    X, y = (X, y) if len(X) <= MOST_ROWS else (X[taken], y[taken])
    if protocol == "contaminated":
        return X, X, y
    if protocol == "copies" and len(X) < ROWS_OF_COPIES:
        drawn = random.randint(len(X), size=ROWS_OF_COPIES)
        X, y = X[drawn], y[drawn]
    normal = random.permutation(np.flatnonzero(y == 0))
    half = len(normal) // 2
    test = np.concatenate([normal[half:], np.flatnonzero(y == 1)])
    return X[normal[:half]], X[test], y[test]


def scores(name, train, test, seed):
    """How far out rows are; the same array twice asks about the training rows."""
    detector, is_same = DETECTORS[name], test is train
    if not detector.scales_itself:
        scaler = StandardScaler().fit(train)
        train = scaler.transform(train)
        test = train if is_same else scaler.transform(test)
    model = (detector.fit if is_same else detector.novel or detector.fit)(train, seed)
    found = (detector.own or detector.score if is_same else detector.score)(model, test)
    return np.nan_to_num(found)


def measure(method, group, name, X, y, protocol):
    """Means over seeds for one method and one table."""
    found = []
    for seed in range(SEEDS):
        train, test, truth = split(X, y, protocol, seed)
        outlyingness = scores(method, train, test, seed)
        found.append(
            (roc_auc_score(truth, outlyingness), average_precision_score(truth, outlyingness))
        )
    auroc, precision = np.mean(found, axis=0)
    return {"set": group, "protocol": protocol, "method": method, "table": name,
            "rows": len(train), "columns": X.shape[1], "auroc": 100 * auroc,
            "average_precision": 100 * precision}  # fmt: skip


def measure_all(method, group, name, X, y):
    """One row for each protocol; one table without copies is the other."""
    rows = [measure(method, group, name, X, y, p) for p in PROTOCOLS[:2]]
    if group == "adbench":
        has_copies = len(X) < ROWS_OF_COPIES
        rows.append(
            measure(method, group, name, X, y, "copies")
            if has_copies
            else {**rows[0], "protocol": "copies"}
        )
    return rows


def main(methods, sets, names) -> None:
    for method in installed(methods):
        for group in sets:
            rows = []
            for name, X, y in tables(group):
                if X.shape[1] <= MOST_COLUMNS.get(method, np.inf) and (not names or name in names):
                    rows += measure_all(method, group, name, X, y)
                    figures = (f"{row['auroc']:.1f}" for row in rows if row["table"] == name)
                    print(method, group, name, *figures, flush=True)
            keep("outliers", rows, by=("set", "protocol", "method", "table"))
            if rows:
                print(table(list(means_of(rows))), flush=True)


def means_of(rows):
    """The means of a method over the tables of a set."""
    for protocol in dict.fromkeys(row["protocol"] for row in rows):
        mine = [row for row in rows if row["protocol"] == protocol]
        means = {key: float(np.mean([row[key] for row in mine]))
                 for key in ("auroc", "average_precision")}  # fmt: skip
        yield {key: mine[0][key] for key in ("set", "protocol", "method")} | means


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("methods", nargs="*", choices=[[], *DETECTORS])
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--tables", nargs="+", default=())
    options = parser.parse_args()
    main(options.methods, options.sets, options.tables)
