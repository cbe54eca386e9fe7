"""A fit that survives: all that training needs to go on, written after whole epochs."""

import os
import pickle
from pathlib import Path
from typing import Any

import joblib
import torch
from skorch.callbacks import Callback

from skae._checks import Check, is_integer, is_real
from skae._tensor_file import read_tensor_file, write_tensor_file
from skae._version import __version__

CHECKPOINT_VERSION = 3
"""The version of checkpoint files, not that of an estimator's state."""

COUNT = Check(lambda value: is_integer(value) and 0 <= value < 2**63, "a count")

RECORD: dict[str, Check] = {
    "format_version": COUNT,
    "task": Check(lambda value: isinstance(value, str), "a hash"),
    "parameters": Check(lambda value: isinstance(value, dict), "a dictionary"),
    "seed": COUNT,
    "history": Check(
        lambda value: (
            isinstance(value, list)
            and all(isinstance(row, dict) and all(map(is_real, row.values())) for row in value)
        ),
        "a list of losses",
    ),
    "best": Check(
        lambda value: (
            value is None
            or (
                isinstance(value, dict)
                and is_real(value.get("loss"))
                and COUNT.accepts(value.get("epoch"))
            )
        ),
        "a loss and an epoch",
    ),
}
"""What a file says beside its arrays, and how it has to look."""


class Checkpoint(Callback):
    """Writes the state of training to a file, and goes on from it where there is one.

    Resumed training takes the same steps that uninterrupted training would have taken: weights,
    moments of the optimiser, generators, losses so far and the best weights are all in the file.
    A file that belongs to another task is refused.

    Parameters
    ----------
    path : path-like
        The file. Each write replaces it whole.
    every : int
        Epochs between two writes; the last epoch is always written.
    parameters : dict of str to object
        What decides the course of training; a file with others is refused.
    data : object
        The same for what it is trained on: arrays, compared by their hash.
    """

    def __init__(self, path: str | os.PathLike, every: int, parameters: dict[str, Any], data: Any):
        self.path = Path(path)
        self.every = every
        self._seed: int | None = None
        if not self.path.parent.is_dir():
            raise ValueError(
                f"The folder of checkpoint={str(path)!r} does not exist: make it first."
            )
        # The file names the parameters in words, for the error, and all of the task by a hash.
        self._parameters = {name: repr(value) for name, value in parameters.items()}
        try:
            self._task = joblib.hash((parameters, data))
        except (pickle.PicklingError, AttributeError) as error:
            raise ValueError(
                f"A fit with checkpoint={str(path)!r} needs parameters that can be pickled, not "
                f"functions without a name in a module ({error})."
            ) from error
        self._arrays: dict[str, torch.Tensor] = {}
        self._record: dict[str, Any] = {}
        if self.path.exists():
            self._read()

    def settle_seed(self, seed: int) -> int:
        """Return the seed to train with: that of the file, or where there is none, this one.

        With it a fit makes the same module and holds out the same rows as the interrupted one.
        """
        if self._seed is None:
            self._seed = seed
        return self._seed

    def on_train_begin(self, net, **kwargs):
        if self._record:
            try:
                self._resume(net)
            except (RuntimeError, KeyError, IndexError, TypeError, AttributeError) as error:
                raise ValueError(
                    f"{self.path} is not a checkpoint of this fit: {error!r}. Delete it to begin "
                    "anew."
                ) from error
        self._arrays, self._record = {}, {}

    def on_epoch_end(self, net, **kwargs):
        epoch = len(net.history)
        if epoch % self.every and epoch < net.max_epochs:
            return
        # Weights, moments and generators: all that the next step depends on.
        tensors = {f"module.{n}": t for n, t in net.module_.state_dict().items()}
        for number, moments in net.optimizer_.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{name}": t for name, t in moments.items()}
        batches, best = net.plan.batches, net.best
        tensors["noise"] = batches.noise.get_state()
        if batches.order is not None:
            tensors["order"] = batches.order.get_state()
        record = {
            "kind": "checkpoint",
            "format_version": CHECKPOINT_VERSION,
            "skae_version": __version__,
            "best": None,
            "task": self._task,
            "parameters": self._parameters,
            "seed": self._seed,
            "history": [
                {name: row[name] for name in ("train_loss", "valid_loss") if name in row}
                for row in net.history
            ],
        }
        # What would be kept if training stopped here.
        if best is not None:
            record["best"] = {"loss": best.best_loss, "epoch": best.best_epoch}
            tensors["start_losses"] = best.start_losses
            tensors |= {f"best.{name}": t for name, t in best.best_weights.items()}
        arrays = {name: tensor.detach().cpu().numpy() for name, tensor in tensors.items()}
        write_tensor_file(self.path, arrays, record)

    def _read(self) -> None:
        # The file is a checkpoint, of this format, and of this fit: each has a remedy of its own.
        arrays, record = read_tensor_file(self.path)
        if not isinstance(record, dict) or record.get("kind") != "checkpoint":
            raise ValueError(
                f"{self.path} is not a checkpoint; choose another path for checkpoint."
            )
        for name, check in RECORD.items():
            if not check.accepts(record.get(name)):
                raise ValueError(
                    f"{self.path} is not a checkpoint of skae: its {name} is "
                    f"{record.get(name)!r} and not {check.expected}. Delete it, or choose another "
                    "path for checkpoint."
                )
        if record["format_version"] != CHECKPOINT_VERSION:
            raise ValueError(
                f"{self.path} was written by skae {record.get('skae_version')} in format "
                f"{record['format_version']}, this version resumes format {CHECKPOINT_VERSION}. "
                "Finish that fit with the version that began it, or delete the file."
            )
        if record["task"] != self._task:
            changed = [
                f"{name}={theirs} (now {self._parameters.get(name)})"
                for name, theirs in record["parameters"].items()
                if theirs != self._parameters.get(name)
            ]
            raise ValueError(
                f"The checkpoint {self.path} belongs to another fit, with "
                f"{', '.join(changed) or 'other data'}. Delete it to begin anew, or choose "
                "another path."
            )
        self._seed = record["seed"]
        self._arrays = {name: torch.from_numpy(array) for name, array in arrays.items()}
        self._record = record

    def _resume(self, net: Any) -> None:
        # Each part is compared with that of the fit at hand before it takes its place.
        batches, best = net.plan.batches, net.best
        outline = net.module_.state_dict()
        net.module_.load_state_dict(self._weights("module.", outline))
        # Moments by the number of their weight, which torch's optimisers give them.
        parameters = list(net.module_.parameters())
        moments: dict[int, dict[str, torch.Tensor]] = {}
        for name, tensor in self._part("optimizer.").items():
            number, key = name.split(".")
            if tensor.shape not in (parameters[int(number)].shape, ()):
                raise KeyError(name)
            moments.setdefault(int(number), {})[key] = tensor
        groups = net.optimizer_.state_dict()["param_groups"]
        net.optimizer_.load_state_dict({"state": moments, "param_groups": groups})
        batches.noise.set_state(self._arrays["noise"])
        if batches.order is not None:
            batches.order.set_state(self._arrays["order"])
        if best is not None:
            if self._arrays["start_losses"].shape != best.start_losses.shape:
                raise KeyError("start_losses")
            record = self._record["best"]
            best.restore(
                self._weights("best.", outline),
                record["loss"],
                record["epoch"],
                self._arrays["start_losses"],
            )
        # The epochs so far stand in skorch's history as if they had been run here.
        for losses in self._record["history"]:
            net.history.new_epoch()
            if set(losses) - {"train_loss", "valid_loss"} or "train_loss" not in losses:
                raise KeyError("history")
            for name, loss in losses.items():
                net.history.record(name, loss)

    def _weights(self, prefix: str, outline: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        weights = self._part(prefix)
        for name in weights.keys() | outline.keys():
            value = weights[name]
            like = (outline[name].shape, outline[name].dtype)
            if (value.shape, value.dtype) != like or not value.isfinite().all():
                raise KeyError(prefix + name)
        return weights

    def _part(self, prefix: str) -> dict[str, torch.Tensor]:
        return {
            name.removeprefix(prefix): tensor
            for name, tensor in self._arrays.items()
            if name.startswith(prefix)
        }
