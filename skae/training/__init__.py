"""How an autoencoder is trained. The only package that imports skorch."""

from skae.training._batches import Batches, Pairs, as_tensor, gather, rows_at_once, split_rows
from skae.training._callbacks import (
    KeepBest,
    RefuseDivergence,
    ReportEpochs,
    StopEarly,
    refuse_divergence,
)
from skae.training._checkpoint import Checkpoint
from skae.training._net import AutoencoderNet, train, train_epoch
from skae.training._optimizers import SOLVERS, make_optimizer
from skae.training._progress import progress_callback
from skae.training._schedules import SCHEDULES

__all__ = [
    "SCHEDULES",
    "SOLVERS",
    "AutoencoderNet",
    "Batches",
    "Checkpoint",
    "KeepBest",
    "Pairs",
    "RefuseDivergence",
    "ReportEpochs",
    "StopEarly",
    "as_tensor",
    "gather",
    "make_optimizer",
    "progress_callback",
    "refuse_divergence",
    "rows_at_once",
    "split_rows",
    "train",
    "train_epoch",
]
