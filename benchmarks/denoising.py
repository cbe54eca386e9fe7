"""Denoising MNIST: PSNR and SSIM of DenoisingAutoencoder against other methods, in one run.

Noise is drawn with NumPy's ``default_rng(0)``. The other methods are each at the best of the
settings in ``_denoisers.py``, chosen on 50 training images that are fitted by none; BM3D is
measured on the first 40 test images because it is slow. Ours is one setting for all noises, and
beside it every parameter at its default. SSIM is measured where scikit-image is installed.
"""

import argparse
from importlib.util import find_spec

import numpy as np
from _common import keep, machine, mnist
from _denoisers import METHODS, SLOW, best_setting, psnr, ssim
from matplotlib.figure import Figure

from skae import DenoisingAutoencoder
from skae.plotting import DenoisingDisplay

N_VALIDATION = 50
OURS = "DenoisingAutoencoder"
DEFAULTS = "DenoisingAutoencoder, defaults"


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
}


def corrupt(name: str, images: np.ndarray) -> np.ndarray:
    return NOISES[name](images, np.random.default_rng(0)).astype(np.float32)


def autoencoder(max_iter: int, noise: str, noise_level) -> DenoisingAutoencoder:
    return DenoisingAutoencoder(
        256, noise=noise, noise_level=noise_level, hidden_layer_sizes=(2048,), solver="adam",
        max_iter=max_iter, random_state=0, precision="mixed",
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--noises", nargs="+", default=list(NOISES), choices=list(NOISES))
    methods = [OURS, DEFAULTS, *METHODS]
    parser.add_argument("--methods", nargs="+", default=methods, choices=methods)
    parser.add_argument("--n-test", type=int, default=500)
    parser.add_argument("--max-iter", type=int, default=30)
    options = parser.parse_args()
    print(machine())
    train, test = mnist()
    train, validation = train[:-N_VALIDATION], train[-N_VALIDATION:]
    test = test[: options.n_test]
    results = []

    def report(noise: str, method: str, setting: str, images, clean) -> None:
        row = {"noise": noise, "method": method, "setting": setting, "psnr": psnr(images, clean),
               "n_images": len(clean)}  # fmt: skip
        if find_spec("skimage") is not None:
            row["ssim"] = ssim(images, clean)
        print(f"{noise:<20} {method:<34} {setting:<18} {row['psnr']:6.2f} dB  "
              f"SSIM {row.get('ssim', float('nan')):.3f}", flush=True)  # fmt: skip
        results.append(row)

    def compare(noise: str, methods: list[str]) -> None:
        """Measure the methods that have settings, on one noise."""
        noisy, train_noisy = corrupt(noise, test), corrupt(noise, train[:20_000])
        validation_noisy = corrupt(noise, validation)
        report(noise, "noisy", "", noisy, test)
        for method in methods:
            setting, clean_up = best_setting(
                METHODS[method], train, train_noisy, validation, validation_noisy
            )
            part = slice(SLOW.get(method))
            report(noise, method, setting, clean_up(noisy[part]), test[part])

    def measure_ours(noises: list[str], name: str, model: DenoisingAutoencoder) -> None:
        model.fit(train)
        for noise in noises:
            report(noise, name, "", model.denoise(corrupt(noise, test)), test)

    others = [method for method in options.methods if method in METHODS]
    for noise in options.noises:
        if others:
            compare(noise, others)
        if DEFAULTS in options.methods:
            kind, level = noise.split()
            model = DenoisingAutoencoder(noise=kind, noise_level=float(level), random_state=0)
            measure_ours([noise], DEFAULTS, model)
    if OURS not in options.methods:
        part = "defaults" if not others else "other methods"
        keep("denoising", results, by=("noise", "method"), part=part)
        return
    figure = Figure(figsize=(8.2, 3.3 * len(options.noises)), layout="constrained")
    axes = np.atleast_1d(figure.subplots(len(options.noises)))
    for noise, ax in zip(options.noises, axes, strict=True):
        kind, level = noise.split()
        model = autoencoder(options.max_iter, kind, float(level))
        measure_ours([noise], OURS, model)
        DenoisingDisplay.from_estimator(
            model, corrupt(noise, test), test, n_images=8, data_range=(0.0, 1.0), ax=ax
        )
        ax.set_title(noise.replace("_", " "), loc="left", fontsize=10)
        figure.savefig("docs/denoising.png", dpi=110)
    # One model in place of many, so it may learn for longer.
    blind = autoencoder(3 * options.max_iter // 2, "gaussian", (0.1, 0.6))
    measure_ours(["gaussian 0.25", "gaussian 0.5"], "blind, sigma 0.1 to 0.6", blind)
    keep("denoising", results, by=("noise", "method"))


if __name__ == "__main__":
    main()
