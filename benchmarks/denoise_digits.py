"""Every parameter at its default: what ``skae denoise`` prints for five noises, in one run.

The bundled digits: 5,000 to train on, the last 500 of them to choose the settings of the other
methods by, and 1,000 test digits that no method has seen.
"""

import argparse

from _common import keep, machine

from skae import DenoisingAutoencoder
from skae.comparison import compare_denoisers, corrupt_digits

NOISES = {
    "gaussian 0.25": ("gaussian", 0.25),
    "gaussian 0.5": ("gaussian", 0.5),
    "impulse 0.11": ("impulse", 0.11),
    "salt_and_pepper 0.2": ("salt_and_pepper", 0.2),
    "masking 0.5": ("masking", 0.5),
}


def measure(name: str) -> list[dict]:
    """One row for each method on one noise."""
    noise, level = NOISES[name]
    denoiser = DenoisingAutoencoder(noise=noise, noise_level=level, random_state=0)
    results = compare_denoisers(corrupt_digits(noise, level, 0), denoiser, lambda result: None)
    rows = []
    for result in results:
        method, _, setting = result.method.partition(", ")
        rows.append({"noise": name, "method": method, "setting": setting, "psnr": result.psnr})
        print(f"{name:<20} {method:<22} {setting:<16} {result.psnr:6.2f} dB", flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--noises", nargs="+", default=list(NOISES), choices=list(NOISES))
    options = parser.parse_args()
    print(machine())
    for noise in options.noises:
        keep("denoise_digits", measure(noise), by=("noise",), part="some noises")


if __name__ == "__main__":
    main()
