"""Other ways to train a dense autoencoder: functions of rows, widths, batch size and epochs.

Each trains ``widths[0]-...-widths[-1]-...-widths[0]`` and returns a function that reconstructs
rows. The nets are those that each library builds; the loop by hand is ours.
"""

import logging
import warnings
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor
from torch import nn
from torch.nn import functional

Reconstruct = Callable[[np.ndarray], np.ndarray]
Path = tuple[torch.Tensor, torch.Tensor]


def dense(widths: tuple[int, ...], activation: type[nn.Module] = nn.GELU) -> nn.Sequential:
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(widths):
        layers += [nn.Linear(n_in, n_out), activation()]
    return nn.Sequential(*layers[:-1])


def by_hand(
    X: np.ndarray,
    widths: tuple[int, ...],
    batch_size: int,
    n_epochs: int,
    path: Path | None = None,
    learning_rate: float = 1e-3,
    after_epoch: Callable[[Reconstruct], None] | None = None,
) -> Reconstruct:
    """The loop that an expert writes: batches by index, fused Adam, nothing else.

    With ``path``, the halves of a linear path, the net corrects it, as ours does.
    """
    data = torch.from_numpy(X)
    mean, scale = data.mean(0), data.std()
    encoder, decoder = dense(widths), dense(widths[::-1])
    if path is not None:
        for network in (encoder, decoder):
            nn.init.zeros_(network[-1].weight)
            nn.init.zeros_(network[-1].bias)

    def forward(batch: torch.Tensor) -> torch.Tensor:
        code = encoder(batch)
        if path is None:
            return decoder(code)
        code = torch.addmm(code, batch, path[0])
        return torch.addmm(decoder(code), code, path[1])

    def reconstruct(rows: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return (forward((torch.from_numpy(rows) - mean) / scale) * scale + mean).numpy()

    optimizer = torch.optim.Adam(
        [*encoder.parameters(), *decoder.parameters()], lr=learning_rate, fused=True
    )
    for _ in range(n_epochs):
        for rows in torch.randperm(len(data)).split(batch_size):
            batch = (data[rows] - mean) / scale
            loss = functional.mse_loss(forward(batch), batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if after_epoch is not None:
            after_epoch(reconstruct)
    return reconstruct


def skorch(X: np.ndarray, widths: tuple[int, ...], batch_size: int, n_epochs: int) -> Reconstruct:
    """Skorch's NeuralNetRegressor with its defaults, but Adam and nothing held out."""
    from skorch import NeuralNetRegressor

    net = NeuralNetRegressor(
        nn.Sequential(dense(widths), dense(widths[::-1])),
        optimizer=torch.optim.Adam, lr=1e-3, batch_size=batch_size, max_epochs=n_epochs,
        train_split=None, iterator_train__shuffle=True, verbose=0,
    )  # fmt: skip
    return net.fit(X, X).predict


def mlp_regressor(
    X: np.ndarray, widths: tuple[int, ...], batch_size: int, n_epochs: int
) -> Reconstruct:
    """scikit-learn's MLPRegressor on (X, X)."""
    hidden = widths[1:] + widths[-2:0:-1]
    model = MLPRegressor(
        hidden_layer_sizes=hidden, batch_size=batch_size, max_iter=n_epochs, tol=0, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X, X).predict


def encdr(X: np.ndarray, widths: tuple[int, ...], batch_size: int, n_epochs: int) -> Reconstruct:
    """Train encdr's ENCDR; nothing held out, columns unscaled: best for pixels of [0, 1]."""
    from encdr import ENCDR

    for name in ("lightning", "lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    quiet = dict.fromkeys(("logger", "enable_checkpointing", "enable_model_summary"), False)
    model = ENCDR(
        list(widths[1:-1]), widths[-1], batch_size=batch_size, max_epochs=n_epochs,
        validation_split=0.0, standardize=False,
        trainer_kwargs={**quiet, "enable_progress_bar": False},
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X)
    return lambda rows: model.inverse_transform(model.transform(rows))


def pyod(X: np.ndarray, widths: tuple[int, ...], batch_size: int, n_epochs: int) -> Reconstruct:
    """Train PyOD's AutoEncoder, columns unscaled; its ``fit`` scores the training rows too."""
    from pyod.models.auto_encoder import AutoEncoder

    model = AutoEncoder(
        hidden_neuron_list=list(widths[1:]), batch_size=batch_size, epoch_num=n_epochs, verbose=0,
        preprocessing=False, device=torch.device("cpu"),
    )  # fmt: skip
    model.fit(X)

    def reconstruct(rows: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return model.model(torch.from_numpy(rows)).numpy()

    return reconstruct
