"""Time of ``fit`` over a loop written by hand in torch for the same model, interleaved.

20,000 MNIST rows, 784-256-64-256-784, GELU, float32, batch 256, 5 epochs. The loop takes its
batches by index and steps with fused Adam; with the linear path, its PCA is given to it for
nothing, while ours computes it inside ``fit``.
"""

import argparse
from itertools import pairwise
from statistics import median
from time import perf_counter

import numpy as np
import torch
from _common import keep, machine, mnist, squared_error
from sklearn.decomposition import PCA
from torch import nn
from torch.nn import functional

from skae import AutoencoderTransformer

WIDTHS = (784, 256, 64)
BATCH, EPOCHS = 256, 5


def dense(widths) -> nn.Sequential:
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(widths):
        layers += [nn.Linear(n_in, n_out), nn.GELU()]
    return nn.Sequential(*layers[:-1])


def loop_by_hand(X: np.ndarray, axes: tuple | None) -> float:
    """Train and return the seconds."""
    start = perf_counter()
    data = torch.from_numpy(X)
    mean, scale = data.mean(0), data.std()
    encoder, decoder = dense(WIDTHS), dense(WIDTHS[::-1])
    if axes is not None:
        to_code, from_code = axes
        for network in (encoder, decoder):
            nn.init.zeros_(network[-1].weight)
            nn.init.zeros_(network[-1].bias)
    parameters = [*encoder.parameters(), *decoder.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=1e-3, fused=True)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(data)).split(BATCH):
            batch = (data[rows] - mean) / scale
            code = encoder(batch)
            if axes is not None:
                code = torch.addmm(code, batch, to_code)
            reconstruction = decoder(code)
            if axes is not None:
                reconstruction = torch.addmm(reconstruction, code, from_code)
            loss = functional.mse_loss(reconstruction, batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    repeats = parser.parse_args().repeats
    train, test = mnist()
    X = np.ascontiguousarray(train[:20_000])
    pca = PCA(64).fit(X)
    deviations = np.sqrt(pca.explained_variance_)[:, None]
    axes = (
        torch.from_numpy((pca.components_ / deviations).T.copy() * X.std()),
        torch.from_numpy(pca.components_ * deviations / X.std()),
    )
    print(f"{machine()}\nPCA(64): test error {squared_error(pca, test):.2f}")
    results = {}
    for init, path in (("random", None), ("pca", axes)):
        for held_out in (0, 0.1):
            ratios = []
            for _ in range(repeats + 1):
                model = AutoencoderTransformer(
                    64, hidden_layer_sizes=(256,), init=init, batch_size=BATCH,
                    max_iter=EPOCHS, validation_fraction=held_out, random_state=0,
                )  # fmt: skip
                by_hand = loop_by_hand(X, path)
                start = perf_counter()
                model.fit(X)
                ratios.append((perf_counter() - start) / by_hand)
            ratio = median(ratios[1:])  # the first pair warms up
            error = squared_error(model, test)
            results[f"{init}, held out {held_out}"] = {"ratio": ratio, "test_error": error}
            print(f"init={init!r:<9} validation_fraction={held_out:<4} time over the loop by hand "
                  f"{ratio:.3f}, test error {error:.2f}", flush=True)  # fmt: skip
    keep("fit_speed", results)


if __name__ == "__main__":
    main()
