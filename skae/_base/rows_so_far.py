"""What ``partial_fit`` keeps true of all rows so far: centre, scale and linear path."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from skae._linear.moments import total_variance
from skae._linear.path import LinearPath
from skae._linear.seen import count_each, rows_in_brief, stack_rows
from skae._rows.batches import Pairs
from skae._rows.tensors import as_tensor
from skae.architectures import Autoencoder, CodeUnits

AXES_PER_COMPONENT = 2
MORE_AXES = 10
"""Rows are remembered by more axes than the code has: what is small today may be large once."""


GROWTH = 1.25
"""A linear path that is costly is fitted anew when the rows so far have grown by this factor."""


LITTLE = 0.01
"""Rows that deviate by less than this share of what new rows do tell nothing of them."""


class RowsSoFarMixin:
    """The memory of an estimator that was begun by ``partial_fit``.

    Attributes
    ----------
    _seen_rows : ndarray of shape (n_seen, n_features)
        The rows so far in brief; source and target side by side where they are pairs. Not there
        after ``fit``.
    _seen_weights : ndarray of shape (n_seen,)
        What each of them counts.
    """

    _seen_rows: np.ndarray
    _seen_weights: np.ndarray

    _path_is_costly = False
    """Whether the linear path takes much longer than a pass over a block."""

    def _remember(self: Any, X: Any, pairs: Pairs, seed: int) -> None:
        """Keep the rows of the first call in brief."""
        self._keep(_side_by_side(X, pairs), count_each(pairs.weights, X.shape[0]), seed)

    def _forget(self) -> None:
        """After ``fit`` centre, scale and linear path stay as they are."""
        for name in ("_seen_rows", "_seen_weights"):
            self.__dict__.pop(name, None)

    def _follow(self: Any, X: Any, pairs: Pairs, seed: int) -> None:
        """Fit the linear path anew, to the rows so far and to new ones."""
        if not hasattr(self, "_seen_rows"):
            return  # after ``fit``, which has seen more than a call brings
        n_features = X.shape[1]
        seen, new = self._seen_rows, _side_by_side(X, pairs)
        # Clean rows among pairs are pairs of equal sides.
        if seen.shape[1] < new.shape[1]:
            seen = np.concatenate([seen, seen], axis=1)
        elif new.shape[1] < seen.shape[1]:
            new = _side_by_side(X, replace(pairs, target=pairs.source))
        rows, weights = stack_rows((seen, self._seen_weights), new, pairs.weights)
        if self._is_time_to_move(weights.sum()) or self._has_seen_little(X):
            self._move_linear_path(rows, weights, pairs, n_features, seed)
        self._keep(rows, weights, seed)

    def _is_time_to_move(self, n_rows: float) -> bool:
        if not self._path_is_costly:
            return True
        # Whether a power of the growth lies between, so that no state has to tell of the last time.
        before, after = (math.log(n, GROWTH) // 1 for n in (self._seen_weights.sum(), n_rows))
        return before < after

    def _move_linear_path(
        self: Any, rows: Any, weights: np.ndarray, pairs: Pairs, n_features: int, seed: int
    ) -> None:
        target = None
        if rows.shape[1] > n_features:
            target = as_tensor(np.ascontiguousarray(rows[:, n_features:]), pairs.device)
        X = rows if target is None else np.ascontiguousarray(rows[:, :n_features])
        source = as_tensor(X, pairs.device)
        all_pairs = replace(pairs, source=source, target=target, weights=weights)
        rank_wanted = self.n_components if self.init == "pca" else 0
        path = self._fit_linear_path(X, all_pairs, rank_wanted, seed)
        _move(self.module_, path, self.whiten)
        self._describe(path, weights.sum())

    def _has_seen_little(self, X: Any) -> bool:
        """Whether no row so far tells how far rows like these vary."""
        if not hasattr(self, "_seen_rows"):
            return False
        seen = total_variance(self._seen_rows[:, : X.shape[1]])
        return total_variance(X) > LITTLE**-2 * seen

    def _keep(self: Any, rows: Any, weights: np.ndarray, seed: int) -> None:
        n_axes = AXES_PER_COMPONENT * self.n_components + MORE_AXES
        self._seen_rows, self._seen_weights = rows_in_brief(rows, weights, n_axes, seed)


def _side_by_side(X: Any, pairs: Pairs) -> Any:
    if pairs.target is None:
        return X
    sides = (pairs.source, pairs.target)
    dense = [
        side.cpu().numpy() if isinstance(side, torch.Tensor) else side.toarray() for side in sides
    ]
    return np.concatenate(dense, axis=1)


@torch.no_grad()
def _move(module: Autoencoder, path: LinearPath, whiten: bool) -> None:
    """Give a module another linear path, turned so that its codes change as little as they can.

    What the networks have learned is a correction at the old codes. Whitened codes stay white
    when they are turned; the turn that is nearest is an orthogonal Procrustes problem. Where their
    columns have an order, it is that of the new path, and their signs alone can be kept. Users see
    codes turned back, in the order and with the signs of PCA.
    """
    if module.to_code is not None and module.from_code is not None:
        old_to_code = module.to_code.double().cpu().numpy() / float(module.source.scale)
        to_code, from_code = path.products(old_to_code.shape[1])
        likeness = path.target_scale * from_code @ old_to_code
        if module.has_order:
            turn = np.diag(np.where(np.diag(likeness) < 0, -1.0, 1.0))
        else:
            left, _, right = np.linalg.svd(likeness)
            turn = left @ right
        module.to_code.copy_(torch.from_numpy(to_code @ turn))
        module.from_code.copy_(torch.from_numpy(turn.T @ from_code))
        scale = None if whiten else torch.from_numpy(path.deviations(len(turn)))
        units = CodeUnits(scale, torch.from_numpy(turn.T.copy()))
        module.code_units = units.to(module.to_code)
    module.source.move(torch.from_numpy(path.mean), path.scale)
    module.target.move(torch.from_numpy(path.target_mean), path.target_scale)
