"""Denoisers on the same noisy digits: PSNR of each, and the picture."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table as RichTable
from scipy.ndimage import median_filter
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge

from skae import DenoisingAutoencoder
from skae.corruption import CORRUPTIONS, make_corruption
from skae.datasets import load_mnist_sample
from skae.plotting import DenoisingDisplay

IMAGE_SHAPE = (28, 28)
N_VALIDATION = 500
PCA_SIZES = (16, 32, 64, 128, 256)
RIDGE_PENALTIES = (1.0, 10.0, 100.0, 1000.0)
MEDIAN_SIZES = (1, 3, 5)


@dataclass
class Denoised:
    """One method on the noisy test digits.

    Parameters
    ----------
    method : str
        Its name, and its setting where it was chosen on other digits.
    psnr : float
        Mean peak signal-to-noise ratio of the test digits, in dB.
    seconds : float
        Time to train it, to choose its setting and to clean the test digits.
    images : ndarray of shape (n_test, 784)
        The cleaned digits.

    See Also
    --------
    compare_denoisers : Makes them.

    Examples
    --------
    >>> Denoised("noisy digits", 10.0, 0.0, np.zeros((1, 784))).method
    'noisy digits'
    """

    method: str
    psnr: float
    seconds: float
    images: np.ndarray


@dataclass
class NoisyDigits:
    """The bundled digits, clean and corrupted: to train on, to choose by, and to test."""

    train: tuple[np.ndarray, np.ndarray]
    validation: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]


def corrupt_digits(noise: str, noise_level: Any, random_state: int) -> NoisyDigits:
    """Load the bundled digits and corrupt them.

    Parameters
    ----------
    noise : str
        A key of ``skae.corruption.CORRUPTIONS``.
    noise_level : float or "auto"
        Its level.
    random_state : int
        Seed of the noise.

    Returns
    -------
    digits : NoisyDigits
        Pairs of (noisy, clean): ``train``, ``validation`` and ``test``.

    Examples
    --------
    >>> digits = corrupt_digits("masking", 1.0, 0)
    >>> noisy, clean = digits.test
    >>> noisy.shape, bool(noisy.any()), bool(clean.any())
    ((1000, 784), False, True)
    """
    if noise not in CORRUPTIONS:
        raise ValueError(f"--noise {noise} is not one of {', '.join(CORRUPTIONS)}.")
    data = load_mnist_sample().data
    deviation = float(data.std(axis=0).mean())
    corruption = make_corruption(noise, noise_level, low=0.0, high=1.0, deviation=deviation)
    generator = torch.Generator().manual_seed(random_state)
    noisy = corruption(torch.from_numpy(data), generator).numpy()
    n_test = 1000
    bounds = (0, len(data) - n_test - N_VALIDATION, len(data) - n_test, len(data))
    parts = [(noisy[a:b], data[a:b]) for a, b in itertools.pairwise(bounds)]
    return NoisyDigits(*parts)


def compare_denoisers(
    digits: NoisyDigits,
    autoencoder: DenoisingAutoencoder,
    on_result: Callable[[Denoised], None],
    on_start: Callable[[str, Any], None] = lambda name, method: None,
) -> list[Denoised]:
    """Clean the test digits with every method; the classical ones at their best setting.

    Parameters
    ----------
    digits : NoisyDigits
        The data; settings are chosen on the validation part.
    autoencoder : DenoisingAutoencoder
        Not fitted; it sees the clean digits of training and validation alone.
    on_result : callable
        Called with each result.
    on_start : callable, default=lambda name, method: None
        Called with a name, and with the autoencoder or None, before each method.

    Returns
    -------
    results : list of Denoised
        In the order of the table, the noisy digits first.

    Examples
    --------
    On a few digits, and with an autoencoder that saw no noise, for one epoch alone:

    >>> digits = corrupt_digits("gaussian", 0.3, 0)
    >>> for part in ("train", "validation", "test"):
    ...     setattr(digits, part, tuple(rows[:300] for rows in getattr(digits, part)))
    >>> denoiser = DenoisingAutoencoder(32, noise=None, max_iter=1, random_state=0)
    >>> results = compare_denoisers(digits, denoiser, lambda result: None)
    >>> [result.method.split(",")[0] for result in results]
    ['noisy digits', 'median filter', 'PCA', 'linear (ridge)', 'DenoisingAutoencoder']
    """
    noisy, clean = digits.test
    results = []

    rows_to_train, clean_to_train = map(
        np.concatenate, zip(digits.train, digits.validation, strict=True)
    )

    def keep(
        method: str, clean_up: Callable[[], tuple[str, np.ndarray]], watched: Any = None
    ) -> None:
        on_start(method, watched)
        start = perf_counter()
        setting, images = clean_up()
        seconds = perf_counter() - start
        results.append(Denoised(f"{method}{setting}", psnr(images, clean), seconds, images))
        on_result(results[-1])

    def best_of(name: str, settings: Any, fit: Callable[..., Callable]) -> tuple:
        # Settings are chosen on digits that were not fitted; the fit is then repeated on all.
        cleaners = [fit(setting, *digits.train) for setting in settings]
        scores = [psnr(c(digits.validation[0]), digits.validation[1]) for c in cleaners]
        best = settings[int(np.argmax(scores))]
        return f", {name} {best:g}", fit(best, rows_to_train, clean_to_train)(noisy)

    def fit_pca(n_components: int, _: np.ndarray, clean_rows: np.ndarray) -> Callable:
        pca = PCA(n_components, random_state=0).fit(clean_rows)
        return lambda rows: pca.inverse_transform(pca.transform(rows))

    def fit_ridge(penalty: float, noisy_rows: np.ndarray, clean_rows: np.ndarray) -> Callable:
        return Ridge(penalty).fit(noisy_rows, clean_rows).predict

    def fit_median(size: int, *_: np.ndarray) -> Callable:
        return lambda rows: median_filter(rows.reshape(-1, *IMAGE_SHAPE), (1, size, size)).reshape(
            rows.shape
        )

    def denoise() -> tuple[str, np.ndarray]:
        autoencoder.fit(clean_to_train)
        n_components = len(autoencoder.get_feature_names_out())
        return f", {n_components} components", autoencoder.denoise(noisy)

    keep("noisy digits", lambda: ("", noisy))
    keep("median filter", lambda: best_of("size", MEDIAN_SIZES, fit_median))
    keep("PCA", lambda: best_of("components", PCA_SIZES, fit_pca))
    keep("linear (ridge)", lambda: best_of("penalty", RIDGE_PENALTIES, fit_ridge))
    keep("DenoisingAutoencoder", denoise, autoencoder)
    return results


def psnr(images: np.ndarray, clean: np.ndarray) -> float:
    """Mean peak signal-to-noise ratio in dB of images clipped to [0, 1].

    Examples
    --------
    >>> round(psnr(np.full((1, 4), 0.1), np.zeros((1, 4))), 6)
    20.0
    """
    error = np.square(np.clip(images, 0, 1) - clean, dtype=np.float64).mean(axis=1)
    return float(-10 * np.log10(np.maximum(error, 1e-10)).mean())


def print_denoisers(results: list[Denoised], console: Console) -> None:
    """Print one line for each method.

    Parameters
    ----------
    results : list of Denoised
        What to print.
    console : rich.console.Console
        Where to print.

    Examples
    --------
    >>> console = Console(width=60)
    >>> with console.capture() as printed:
    ...     print_denoisers([Denoised("noisy digits", 10.0, 0.0, np.zeros((1, 784)))], console)
    >>> "10.00" in printed.get()
    True
    """
    table = RichTable(title="On 1,000 digits that no method has seen", title_justify="left")
    table.add_column("method")
    table.add_column("PSNR, dB", justify="right", no_wrap=True)
    table.add_column("time, s", justify="right", no_wrap=True)
    best = max(result.psnr for result in results)
    for result in results:
        decibels = f"{result.psnr:.2f}"
        if result.psnr == best:
            decibels = f"[bold]{decibels}[/bold]"
        table.add_row(result.method, decibels, f"{result.seconds:.1f}")
    console.print(table)


def draw_denoisers(digits: NoisyDigits, results: list[Denoised], path: Path) -> None:
    """Write the picture of the first test digits before and after.

    Parameters
    ----------
    digits : NoisyDigits
        From ``corrupt_digits``.
    results : list of Denoised
        The last one is drawn.
    path : Path
        The file to write; missing folders are made.

    Examples
    --------
    >>> import tempfile
    >>> digits = corrupt_digits("gaussian", 0.3, 0)
    >>> result = Denoised("none", 0.0, 0.0, digits.test[0])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     draw_denoisers(digits, [result], Path(folder) / "picture.png")
    ...     (Path(folder) / "picture.png").stat().st_size > 0
    True
    """
    figure = Figure(figsize=(9.7, 3.4), layout="constrained")
    noisy, clean = (rows[:10] for rows in digits.test)
    display = DenoisingDisplay(clean, noisy, results[-1].images[:10], IMAGE_SHAPE, (0.0, 1.0))
    display.plot(ax=figure.subplots())
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
