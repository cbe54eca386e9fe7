"""Other methods of denoising, each at the best of its settings, and how results are scored.

A method is a dict of settings to fit functions ``(train, train_noisy) -> clean_up``, where
``clean_up`` maps noisy rows to clean ones.
"""

from collections.abc import Callable

import numpy as np
from joblib import Parallel, delayed
from scipy.ndimage import median_filter
from sklearn.decomposition import PCA, KernelPCA
from sklearn.linear_model import Ridge

SIDE = 28
N_RIDGE, N_KERNEL = 20_000, 1_000
SLOW = {"BM3D": 40}
"""Methods that are measured on fewer of the test images."""


def psnr(images: np.ndarray, clean: np.ndarray) -> float:
    """Mean over images, clipped to [0, 1], in dB."""
    error = np.square(np.clip(images, 0, 1) - clean, dtype=np.float64).mean(axis=1)
    return float((-10 * np.log10(np.maximum(error, 1e-10))).mean())


def ssim(images: np.ndarray, clean: np.ndarray) -> float:
    from skimage.metrics import structural_similarity

    pairs = zip(np.clip(images, 0, 1), clean, strict=True)
    return float(np.mean([
        structural_similarity(a.reshape(SIDE, SIDE), b.reshape(SIDE, SIDE), data_range=1.0)
        for a, b in pairs
    ]))  # fmt: skip


# The libraries of the filters are imported by those who call them: the rest runs without.


def non_local_means(image: np.ndarray, sigma: float) -> np.ndarray:
    from skimage.restoration import denoise_nl_means

    return denoise_nl_means(
        image, patch_size=7, patch_distance=11, h=0.8 * sigma, sigma=sigma, fast_mode=False
    )


def total_variation(image: np.ndarray, weight: float) -> np.ndarray:
    from skimage.restoration import denoise_tv_chambolle

    return denoise_tv_chambolle(image, weight=weight)


def wavelet(image: np.ndarray, method: str, wavelet: str) -> np.ndarray:
    from skimage.restoration import denoise_wavelet

    return denoise_wavelet(image, method=method, wavelet=wavelet)


def block_matching(image: np.ndarray, sigma: float) -> np.ndarray:
    from bm3d import bm3d

    return bm3d(image, sigma)


def by_image(function: Callable[[np.ndarray], np.ndarray]) -> Callable:
    """A filter of one image as a method that has nothing to fit."""

    def clean_up(rows: np.ndarray) -> np.ndarray:
        images = Parallel(n_jobs=2)(
            delayed(function)(row.reshape(SIDE, SIDE).astype(float)) for row in rows
        )
        return np.stack(images).reshape(len(rows), -1)

    return lambda train, train_noisy: clean_up


def pca(n_components: int) -> Callable:
    def fit(train, train_noisy):
        model = PCA(n_components, random_state=0).fit(train[:N_RIDGE])
        return lambda rows: model.inverse_transform(model.transform(rows))

    return fit


def kernel_pca(gamma: float) -> Callable:
    def fit(train, train_noisy):
        model = KernelPCA(
            400, kernel="rbf", gamma=gamma, alpha=5e-3, fit_inverse_transform=True, random_state=0
        ).fit(train[:N_KERNEL])
        return lambda rows: model.inverse_transform(model.transform(rows))

    return fit


METHODS: dict[str, dict[str, Callable]] = {
    "PCA": {f"{k} components": pca(k) for k in (16, 32, 64, 128, 256)},
    "ridge": {
        f"penalty {a:g}": lambda train, noisy, a=a: (
            Ridge(a).fit(noisy[:N_RIDGE], train[:N_RIDGE]).predict
        )
        for a in (1.0, 30.0, 1000.0)
    },
    "kernel PCA": {f"gamma {g:g}": kernel_pca(g) for g in (3e-3, 1e-2, 3e-2)},
    "median filter": {
        f"size {s}": by_image(lambda image, s=s: median_filter(image, s)) for s in (1, 3, 5)
    },
    "non-local means": {
        f"sigma {s:g}": by_image(lambda image, s=s: non_local_means(image, s))
        for s in (0.1, 0.15, 0.2, 0.25, 0.35, 0.5)
    },
    "total variation": {
        f"weight {w:g}": by_image(lambda image, w=w: total_variation(image, w))
        for w in (0.1, 0.2, 0.3, 0.5, 0.8)
    },
    "wavelet": {
        f"{method} {basis}": by_image(lambda image, m=method, b=basis: wavelet(image, m, b))
        for method in ("BayesShrink", "VisuShrink")
        for basis in ("haar", "db2")
    },
    "BM3D": {
        f"sigma {s:g}": by_image(lambda image, s=s: block_matching(image, s))
        for s in (0.15, 0.25, 0.5)
    },
}  # fmt: skip


def best_setting(settings, train, train_noisy, validation, validation_noisy) -> tuple:
    """The setting with the highest PSNR on validation images, and its ``clean_up``."""
    fitted = {name: fit(train, train_noisy) for name, fit in settings.items()}
    scores = {name: psnr(clean_up(validation_noisy), validation)
              for name, clean_up in fitted.items()}  # fmt: skip
    best = max(scores, key=scores.__getitem__)
    return best, fitted[best]
