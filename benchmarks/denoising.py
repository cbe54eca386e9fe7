"""Denoising MNIST: PSNR and SSIM of DenoisingAutoencoder against other methods, in one run.

Noise is drawn with NumPy's ``default_rng(0)``. The other methods are each at the best of the
settings in ``_denoisers.py``, chosen on 50 training images that are fitted by none; BM3D is
measured on the first 100 test images because it is slow. Ours is one setting for all noises.
"""

import argparse
from time import perf_counter

import numpy as np
from _common import keep, machine, mnist
from _denoisers import METHODS, SLOW, best_setting, psnr, ssim
from matplotlib.figure import Figure

from skae import DenoisingAutoencoder
from skae.plotting import DenoisingDisplay

N_VALIDATION = 50


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
        256, noise=noise, noise_level=noise_level, hidden_layer_sizes=(2048,),
        max_iter=max_iter, random_state=0,
    )  # fmt: skip


def report(noise: str, method: str, setting: str, images, clean, seconds: float) -> dict:
    row = {"noise": noise, "method": method, "setting": setting, "psnr": psnr(images, clean),
           "ssim": ssim(images, clean), "n_images": len(clean), "seconds": seconds}  # fmt: skip
    print(f"{noise:<20} {method:<24} {setting:<18} {row['psnr']:6.2f} dB  SSIM {row['ssim']:.3f}"
          f"  {seconds:6.1f} s", flush=True)  # fmt: skip
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--noises", nargs="+", default=list(NOISES), choices=list(NOISES))
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--n-test", type=int, default=500)
    parser.add_argument("--max-iter", type=int, default=20)
    options = parser.parse_args()
    print(machine())
    train, test = mnist()
    train, validation = train[:-N_VALIDATION], train[-N_VALIDATION:]
    test = test[: options.n_test]
    results = []
    figure = Figure(figsize=(8.2, 3.3 * len(options.noises)), layout="constrained")
    axes = np.atleast_1d(figure.subplots(len(options.noises)))
    for noise, ax in zip(options.noises, axes, strict=True):
        noisy, train_noisy = corrupt(noise, test), corrupt(noise, train[:20_000])
        validation_noisy = corrupt(noise, validation)
        results.append(report(noise, "noisy", "", noisy, test, 0.0))
        kind, level = noise.split()
        start = perf_counter()
        model = autoencoder(options.max_iter, kind, float(level)).fit(train)
        denoised = model.denoise(noisy)
        seconds = perf_counter() - start
        results.append(report(noise, "DenoisingAutoencoder", "", denoised, test, seconds))
        DenoisingDisplay(test[:8], noisy[:8], denoised[:8], (28, 28), (0.0, 1.0)).plot(ax=ax)
        ax.set_title(noise.replace("_", " "), loc="left", fontsize=10)
        for method in options.methods:
            start = perf_counter()
            setting, clean_up = best_setting(
                METHODS[method], train, train_noisy, validation, validation_noisy
            )
            part = slice(SLOW.get(method))
            images = clean_up(noisy[part])
            seconds = perf_counter() - start
            results.append(report(noise, method, setting, images, test[part], seconds))
        keep("denoising", results)
    blind = autoencoder(options.max_iter, "gaussian", (0.0, 0.6)).fit(train)
    start = perf_counter()
    default = DenoisingAutoencoder(64, random_state=0).fit(train)
    seconds = perf_counter() - start
    for noise in (noise for noise in options.noises if noise.startswith("gaussian")):
        noisy = corrupt(noise, test)
        results.append(report(noise, "blind, sigma 0 to 0.6", "", blind.denoise(noisy), test, 0))
    NOISES["gaussian 0.3"] = lambda x, rng: x + rng.normal(scale=0.3, size=x.shape)
    noise, noisy = "gaussian 0.3", corrupt("gaussian 0.3", test)
    results.append(
        report(noise, "DAE(64), all defaults", "", default.denoise(noisy), test, seconds)
    )
    for method in ("PCA", "ridge"):
        setting, clean_up = best_setting(
            METHODS[method], train, corrupt(noise, train[:20_000]), validation,
            corrupt(noise, validation),
        )  # fmt: skip
        results.append(report(noise, method, setting, clean_up(noisy), test, 0.0))
    keep("denoising", results)
    figure.savefig("docs/denoising.png", dpi=110)


if __name__ == "__main__":
    main()
