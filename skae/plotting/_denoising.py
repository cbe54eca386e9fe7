"""Clean rows, the same with noise, and what a denoiser makes of them."""

import warnings
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skae.plotting._axes import new_or_given_axes
from skae.plotting._images import (
    Strip,
    draw_strips,
    resolve_image_shape,
    strips_figsize,
    to_images,
)
from skae.plotting._rows import dense_rows, first_rows
from skae.plotting._tables import are_images, column_names, draw_tables, tables_figsize


class DenoisingDisplay:
    """Clean, corrupted and denoised rows: images with their PSNR in dB, or a table.

    The peak signal-to-noise ratio is ``10 log10(range**2 / mean squared error)`` of the image
    clipped to the range of the clean ones.

    Parameters
    ----------
    clean, corrupted, denoised : ndarray of shape (n_images, n_features)
        The same images without noise, with noise and after its removal.
    image_shape : (height, width), (channels, height, width) or None
        Shape of the image in a row; None for rows of a table.
    data_range : (float, float)
        Values that a clean pixel can have at least and at most.
    names : sequence of str, default=()
        Names of the columns of a table.

    Attributes
    ----------
    psnr_corrupted_, psnr_denoised_ : ndarray of shape (n_images,)
        PSNR in dB, after ``plot``.
    figure_ : matplotlib Figure
        The figure, after ``plot``.
    ax_ : matplotlib Axes
        Its axes, after ``plot``.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from skae import DenoisingAutoencoder
    >>> from skae.plotting import DenoisingDisplay
    >>> X = load_digits(return_X_y=True)[0]
    >>> noisy = X + np.random.default_rng(0).normal(scale=4, size=X.shape)
    >>> denoiser = DenoisingAutoencoder(32, noise_level=4, max_iter=5, random_state=0).fit(X)
    >>> display = DenoisingDisplay.from_estimator(denoiser, noisy, X)
    >>> bool((display.psnr_denoised_ > display.psnr_corrupted_).mean() > 0.5)
    True
    """

    def __init__(
        self,
        clean: np.ndarray,
        corrupted: np.ndarray,
        denoised: np.ndarray,
        image_shape: tuple[int, ...] | None,
        data_range: tuple[float, float],
        names: Sequence[str] = (),
    ):
        self.clean = clean
        self.corrupted = corrupted
        self.denoised = denoised
        self.image_shape = image_shape
        self.data_range = data_range
        self.names = names

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        n_images: int = 10,
        image_shape: Sequence[int] | None = None,
        data_range: tuple[float, float] | None = None,
        ax: Any = None,
    ) -> Self:
        """Denoise the first noisy rows, and draw them.

        Parameters
        ----------
        estimator : object
            A fitted denoiser: ``denoise`` is called, or else ``transform`` and
            ``inverse_transform``, so that PCA can be drawn as well.
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Noisy rows, images or rows of a table.
        y : array-like or sparse matrix of shape (n_samples, n_features)
            The same rows without noise: the order is that of ``fit``.
        n_images : int, default=10
            How many of them to draw.
        image_shape : (height, width), (channels, height, width) or None, default=None
            Shape of the image in a row. None takes rows to be square images where they can be, of
            8 x 8 or more, and else rows of a table.
        data_range : (float, float) or None, default=None
            Values that a clean pixel can have at least and at most; None takes those of y.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        display : DenoisingDisplay
            What was drawn.

        Warns
        -----
        UserWarning
            If the denoised rows are farther from y than X was, as they are where X and y have
            changed places.
        """
        check_is_fitted(estimator)
        X = first_rows(X, n_images)
        clean, corrupted = dense_rows(first_rows(y, n_images)), dense_rows(X)
        n_features = clean.shape[1]
        shape = None
        if are_images(image_shape, n_features):
            shape = resolve_image_shape(image_shape, n_features)
        if hasattr(estimator, "denoise"):
            denoised = np.asarray(estimator.denoise(X))
        else:
            denoised = np.asarray(estimator.inverse_transform(estimator.transform(X)))
        if np.square(denoised - clean).mean() > np.square(corrupted - clean).mean():
            warnings.warn(
                "The denoised rows are farther from y than X is. X are the noisy rows and y the "
                "clean ones, as in fit: is their order right?",
                UserWarning,
                stacklevel=2,
            )
        if data_range is None:
            data_range = float(clean.min()), float(clean.max())
        names = column_names(X, n_features)
        return cls(clean, corrupted, denoised, shape, data_range, names).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> Self:
        """Draw the rows.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        self : DenoisingDisplay
            The display, with ``figure_`` and ``ax_``.
        """
        self.psnr_corrupted_ = self._psnr(self.corrupted)
        self.psnr_denoised_ = self._psnr(self.denoised)
        if self.image_shape is None:
            return self._plot_table(ax)
        strips = [
            Strip(label, to_images(rows, self.image_shape), self.data_range, titles=titles)
            for label, rows, titles in (
                ("clean", self.clean, ()),
                ("corrupted", self.corrupted, list(map(_text, self.psnr_corrupted_))),
                ("denoised", self.denoised, list(map(_text, self.psnr_denoised_))),
            )
        ]
        figsize = strips_figsize(len(strips), len(self.clean), self.image_shape)
        self.ax_ = new_or_given_axes(ax, figsize=figsize)
        self.figure_ = self.ax_.figure
        draw_strips(self.ax_, strips)
        return self

    def _plot_table(self, ax: Any) -> Self:
        tables = {"clean": self.clean, "corrupted": self.corrupted, "denoised": self.denoised}
        self.ax_ = new_or_given_axes(ax, figsize=tables_figsize(3, *self.clean.shape))
        self.figure_ = self.ax_.figure
        draw_tables(self.ax_, tables, self.names)
        return self

    def _psnr(self, rows: np.ndarray) -> np.ndarray:
        low, high = self.data_range
        error = np.square(np.clip(rows, low, high) - self.clean, dtype=np.float64).mean(axis=1)
        # An image without any error has a PSNR without bound.
        with np.errstate(divide="ignore"):
            return np.where(error == 0, np.inf, 20 * np.log10(high - low) - 10 * np.log10(error))


def _text(psnr: float) -> str:
    return f"{psnr:.1f} dB" if np.isfinite(psnr) else "exact"
