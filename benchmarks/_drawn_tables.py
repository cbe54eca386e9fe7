"""Tables drawn at random, of the kinds that a default has to hold on: ``draw(kind, seed)``."""

from collections.abc import Callable

import numpy as np

Draw = Callable[[np.random.Generator], np.ndarray]


def curved(rng: np.random.Generator, n: int = 300) -> np.ndarray:
    t = rng.uniform(-1, 1, (n, 2))
    surface = np.column_stack([t, t**2, np.sin(3 * t), t.prod(1), t.sum(1)])
    return surface + 0.05 * rng.normal(size=surface.shape)


def circle(rng: np.random.Generator) -> np.ndarray:
    angle = rng.uniform(0, 2 * np.pi, 200)
    waves = [np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)]
    return np.column_stack(waves) + 0.1 * rng.normal(size=(200, 4))


def flat(rng: np.random.Generator, n: int = 300) -> np.ndarray:
    return rng.normal(size=(n, 3)) @ rng.normal(size=(3, 10)) + 0.3 * rng.normal(size=(n, 10))


def clusters(
    rng: np.random.Generator, n_clusters: int, n_features: int, spread: float
) -> np.ndarray:
    centres = 4 * rng.normal(size=(n_clusters, n_features))
    return centres[rng.integers(0, n_clusters, 250)] + spread * rng.normal(size=(250, n_features))


def heavy_tails(rng: np.random.Generator) -> np.ndarray:
    factors = rng.standard_t(2, size=(200, 3)) @ rng.normal(size=(3, 8))
    return factors + 0.3 * rng.standard_t(2, size=(200, 8))


def outlier(rng: np.random.Generator) -> np.ndarray:
    X = flat(rng)
    X[0] += 1e4
    return X


def wide_curved(rng: np.random.Generator) -> np.ndarray:
    t = rng.uniform(-1, 1, (60, 2))
    sources = np.column_stack([t, t**2, t.prod(1)])
    return np.tanh(1.5 * sources @ rng.normal(size=(5, 150))) + 0.1 * rng.normal(size=(60, 150))


def wide_flat(rng: np.random.Generator) -> np.ndarray:
    factors = rng.normal(size=(40, 4)) @ rng.normal(size=(4, 100))
    return factors + 0.5 * rng.normal(size=(40, 100))


def mixed(rng: np.random.Generator) -> np.ndarray:
    kind = rng.integers(0, 3, 250)
    numbers = rng.normal(size=(250, 4)) + kind[:, None]
    return np.column_stack([np.eye(3)[kind], numbers, rng.poisson(2, size=(250, 2))])


def skewed(rng: np.random.Generator) -> np.ndarray:
    logs = rng.normal(size=(200, 2)) @ rng.normal(size=(2, 6)) + 0.2 * rng.normal(size=(200, 6))
    return np.exp(logs)


KINDS: dict[str, Draw] = {
    "curved": curved,
    "curved, 50 rows": lambda rng: curved(rng, 50),
    "circle": circle,
    "flat": flat,
    "flat, 40 rows": lambda rng: flat(rng, 40),
    "noise alone": lambda rng: rng.normal(size=(150, 20)),
    "noise alone, 40 rows": lambda rng: rng.normal(size=(40, 6)),
    "uniform noise": lambda rng: rng.uniform(size=(200, 10)),
    "five directions in noise": lambda rng: rng.normal(size=(150, 20)) * np.repeat([3, 1], [5, 15]),
    "clusters": lambda rng: clusters(rng, 5, 10, 1.0),
    "tight clusters": lambda rng: clusters(rng, 8, 6, 0.2),
    "heavy tails": heavy_tails,
    "heavy tails alone": lambda rng: rng.standard_t(1.5, size=(200, 8)),
    "one outlier": outlier,
    "curved, eight scales": lambda rng: curved(rng) * 10.0 ** np.arange(-3, 5),
    "flat, ten scales": lambda rng: flat(rng) * 10.0 ** np.arange(-4, 6),
    "more columns than rows": wide_flat,
    "more columns, curved": wide_curved,
    "categories and numbers": mixed,
    "skewed": skewed,
}


def draw(kind: str, seed: int) -> np.ndarray:
    """Draw a table of a kind."""
    return KINDS[kind](np.random.default_rng([seed, list(KINDS).index(kind)]))
