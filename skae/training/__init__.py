"""How an autoencoder is trained. The only package that imports skorch."""

from skae.training._batches import Batches, Pairs, as_tensor, gather
from skae.training._callbacks import KeepBest, PrintLosses, RefuseDivergence, StopEarly
from skae.training._net import SOLVERS, AutoencoderNet, make_optimizer, train, train_epoch
from skae.training._schedules import SCHEDULES

__all__ = [
    "SCHEDULES",
    "SOLVERS",
    "AutoencoderNet",
    "Batches",
    "KeepBest",
    "Pairs",
    "PrintLosses",
    "RefuseDivergence",
    "StopEarly",
    "as_tensor",
    "gather",
    "make_optimizer",
    "train",
    "train_epoch",
]
