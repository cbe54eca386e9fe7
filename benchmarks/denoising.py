"""Denoising MNIST: PSNR and SSIM of DenoisingAutoencoder against other methods, in one run.

Noise is drawn with NumPy's ``default_rng(0)``. The other methods are each at the best of the
settings in ``_denoisers.py``, chosen on 50 training images that are fitted by none; BM3D is
measured on the first 40 test images because it is slow. Ours is one setting for all noises.
"""

import argparse
import json
from time import perf_counter

import numpy as np
from _common import RESULTS, keep, machine, mnist
from _denoisers import METHODS, SLOW, best_setting, psnr, ssim
from matplotlib.figure import Figure

from skae import DenoisingAutoencoder
from skae.plotting import DenoisingDisplay

N_VALIDATION = 50
OURS = "DenoisingAutoencoder"


def impulse(x, rng):
    return np.where(rng.random(x.shape) < 0.11, rng.random(x.shape), x)


def salt_and_pepper(x, rng):
    draw = rng.random(x.shape)
    return np.where(draw < 0.1, 0, np.where(draw < 0.2, 1, x))


NOISES = {
    "gaussian 0.25": lambda x, rng: x + rng.normal(scale=0.25, size=x.shape),
    "gaussian 0.5": lambda x, rng: x + rng.normal(scale=0.5, size=x.shape),
    "impulse 0.11": impulse,
    "salt_and_pepper 0.2": salt_and_pepper,
    "masking 0.5": lambda x, rng: np.where(rng.random(x.shape) < 0.5, 0, x),
    "gaussian 0.3": lambda x, rng: x + rng.normal(scale=0.3, size=x.shape),
}


def corrupt(name: str, images: np.ndarray) -> np.ndarray:
    return NOISES[name](images, np.random.default_rng(0)).astype(np.float32)


def autoencoder(max_iter: int, noise: str, noise_level) -> DenoisingAutoencoder:
    return DenoisingAutoencoder(
        256, noise=noise, noise_level=noise_level, hidden_layer_sizes=(2048,),
        max_iter=max_iter, random_state=0,
    )  # fmt: skip


def report(noise: str, method: str, setting: str, images, clean, seconds: float) -> dict:
    row = {"noise": noise, "method": method, "setting": setting, "psnr": psnr(images, clean),
           "ssim": ssim(images, clean), "n_images": len(clean), "seconds": seconds}  # fmt: skip
    print(f"{noise:<20} {method:<24} {setting:<18} {row['psnr']:6.2f} dB  SSIM {row['ssim']:.3f}"
          f"  {seconds:6.1f} s", flush=True)  # fmt: skip
    return row


class Results(list):
    """Rows of this run, in place of those of earlier runs for the same noise and method."""

    def __init__(self):
        path = RESULTS / "denoising.json"
        super().__init__(json.loads(path.read_text())["results"] if path.exists() else [])

    def append(self, row: dict) -> None:
        """Add a row, and write all of them."""
        key = row["noise"], row["method"]
        self[:] = [other for other in self if (other["noise"], other["method"]) != key]
        super().append(row)
        keep("denoising", list(self))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--noises", nargs="+", default=list(NOISES)[:-1], choices=list(NOISES))
    methods = [OURS, *METHODS]
    parser.add_argument("--methods", nargs="+", default=methods, choices=methods)
    parser.add_argument("--n-test", type=int, default=500)
    parser.add_argument("--max-iter", type=int, default=20)
    options = parser.parse_args()
    print(machine())
    train, test = mnist()
    train, validation = train[:-N_VALIDATION], train[-N_VALIDATION:]
    test = test[: options.n_test]
    results = Results()

    def compare(noise: str, methods: list[str]) -> None:
        """Measure the methods that have settings, on one noise."""
        noisy, train_noisy = corrupt(noise, test), corrupt(noise, train[:20_000])
        validation_noisy = corrupt(noise, validation)
        results.append(report(noise, "noisy", "", noisy, test, 0.0))
        for method in methods:
            start = perf_counter()
            setting, clean_up = best_setting(
                METHODS[method], train, train_noisy, validation, validation_noisy
            )
            part = slice(SLOW.get(method))
            images = clean_up(noisy[part])
            seconds = perf_counter() - start
            results.append(report(noise, method, setting, images, test[part], seconds))

    def measure_ours(noises: list[str], name: str, model: DenoisingAutoencoder) -> None:
        start = perf_counter()
        model.fit(train)
        seconds = perf_counter() - start
        for noise in noises:
            denoised = model.denoise(corrupt(noise, test))
            results.append(report(noise, name, "", denoised, test, seconds))

    for noise in options.noises:
        compare(noise, [method for method in options.methods if method != OURS])
    if OURS not in options.methods:
        return
    figure = Figure(figsize=(8.2, 3.3 * len(options.noises)), layout="constrained")
    axes = np.atleast_1d(figure.subplots(len(options.noises)))
    for noise, ax in zip(options.noises, axes, strict=True):
        kind, level = noise.split()
        model = autoencoder(options.max_iter, kind, float(level))
        measure_ours([noise], OURS, model)
        DenoisingDisplay.from_estimator(
            model, test, corrupt(noise, test), n_images=8, data_range=(0.0, 1.0), ax=ax
        )
        ax.set_title(noise.replace("_", " "), loc="left", fontsize=10)
        figure.savefig("docs/denoising.png", dpi=110)
    blind = autoencoder(options.max_iter, "gaussian", (0.0, 0.6))
    measure_ours(["gaussian 0.25", "gaussian 0.5"], "blind, sigma 0 to 0.6", blind)
    compare("gaussian 0.3", ["PCA", "ridge"])
    defaults = DenoisingAutoencoder(64, random_state=0)
    measure_ours(["gaussian 0.3"], "DenoisingAutoencoder(64), defaults", defaults)


if __name__ == "__main__":
    main()
