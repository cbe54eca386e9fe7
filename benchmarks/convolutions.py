"""Dense and convolutional autoencoders of similar training time, side by side.

Codes of 64 numbers on 5,000 MNIST images, plain and denoising (Gaussian 0.5): squared error of a
test image, PSNR, and time over the dense one's. The nets are trained in turn, one at a time.
"""

import argparse
from time import perf_counter

import numpy as np
from _common import keep, machine, mnist, squared_error

from skae import AutoencoderTransformer, DenoisingAutoencoder
from skae.architectures import ConvArchitecture

SHAPE = (28, 28)
ARCHITECTURES = {
    "dense (1024, 512)": (None, 40),
    "max pool, nearest": (ConvArchitecture(SHAPE, (32,)), 30),
    "max pool, bilinear": (ConvArchitecture(SHAPE, (32,), upsampling="bilinear"), 30),
    "max pool, transposed": (ConvArchitecture(SHAPE, (32,), upsampling="transposed"), 35),
    "stride, transposed": (
        ConvArchitecture(SHAPE, (32,), downsampling="stride", upsampling="transposed"), 45
    ),
}  # fmt: skip
"""Each with the epochs that take it about as long as the dense one."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000)
    options = parser.parse_args()
    print(machine())
    train, test = mnist()
    train = train[: options.rows]
    noisy = test + np.random.default_rng(0).normal(scale=0.5, size=test.shape).astype(np.float32)
    results: dict[str, dict] = {}
    for name, (architecture, epochs) in ARCHITECTURES.items():
        parameters = {"architecture": architecture, "max_iter": epochs, "solver": "adam",
                      "hidden_layer_sizes": (1024, 512), "random_state": 0}  # fmt: skip
        start = perf_counter()
        plain = AutoencoderTransformer(64, **parameters).fit(train)
        plain_seconds = perf_counter() - start
        start = perf_counter()
        denoiser = DenoisingAutoencoder(64, noise="gaussian", noise_level=0.5, **parameters)
        denoiser.fit(train)
        seconds = perf_counter() - start
        start = perf_counter()
        plain.transform(test)
        rate = len(test) / (perf_counter() - start)
        error = np.square(np.clip(denoiser.denoise(noisy), 0, 1) - test).mean(axis=1)
        weights = sum(weight.numel() for weight in plain.module_.parameters())
        results[name] = {
            "epochs": epochs, "squared_error": squared_error(plain, test),
            "psnr": float((-10 * np.log10(error)).mean()), "weights": weights,
            "fit_seconds": plain_seconds, "denoising_fit_seconds": seconds,
            "transform_rows_per_second": rate,
        }  # fmt: skip
        first = next(iter(results.values()))
        print(f"{name:<22} {epochs:>3} epochs  {weights / 1e6:5.2f} M weights  "
              f"squared error {results[name]['squared_error']:.2f}  "
              f"PSNR {results[name]['psnr']:.2f} dB  time over the dense one's "
              f"{plain_seconds / first['fit_seconds']:.2f}, denoising "
              f"{seconds / first['denoising_fit_seconds']:.2f}, transform "
              f"{first['transform_rows_per_second'] / rate:.1f}", flush=True)  # fmt: skip
    keep("convolutions", results)


if __name__ == "__main__":
    main()
