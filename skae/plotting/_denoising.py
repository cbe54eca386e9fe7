"""Clean images, the same with noise, and what a denoiser makes of them."""

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


class DenoisingDisplay:
    """Clean, corrupted and denoised images, with the PSNR in dB over each.

    The peak signal-to-noise ratio is ``10 log10(range**2 / mean squared error)`` of the image
    clipped to the range of the clean ones.

    Parameters
    ----------
    clean, corrupted, denoised : ndarray of shape (n_images, n_features)
        The same images without noise, with noise and after its removal.
    image_shape : (height, width) or (channels, height, width)
        Shape of the image in a row.
    data_range : (float, float)
        Values that a clean pixel can have at least and at most.

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
    >>> display = DenoisingDisplay.from_estimator(denoiser, X, noisy)
    >>> bool((display.psnr_denoised_ > display.psnr_corrupted_).mean() > 0.5)
    True
    """

    def __init__(
        self,
        clean: np.ndarray,
        corrupted: np.ndarray,
        denoised: np.ndarray,
        image_shape: tuple[int, ...],
        data_range: tuple[float, float],
    ):
        self.clean = clean
        self.corrupted = corrupted
        self.denoised = denoised
        self.image_shape = image_shape
        self.data_range = data_range

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        X_noisy: Any,
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
            Clean rows that are images.
        X_noisy : array-like or sparse matrix of shape (n_samples, n_features)
            The same rows with noise.
        n_images : int, default=10
            How many of them to draw.
        image_shape : (height, width), (channels, height, width) or None, default=None
            Shape of the image in a row; None takes it to be square.
        data_range : (float, float) or None, default=None
            Values that a clean pixel can have at least and at most; None takes those of X.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        display : DenoisingDisplay
            What was drawn.
        """
        check_is_fitted(estimator)
        X_noisy = first_rows(X_noisy, n_images)
        clean, corrupted = dense_rows(first_rows(X, n_images)), dense_rows(X_noisy)
        shape = resolve_image_shape(image_shape, clean.shape[1])
        if hasattr(estimator, "denoise"):
            denoised = estimator.denoise(X_noisy)
        else:
            denoised = estimator.inverse_transform(estimator.transform(X_noisy))
        if data_range is None:
            data_range = float(clean.min()), float(clean.max())
        return cls(clean, corrupted, np.asarray(denoised), shape, data_range).plot(ax=ax)

    def plot(self, *, ax: Any = None) -> Self:
        """Draw the images.

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

    def _psnr(self, rows: np.ndarray) -> np.ndarray:
        low, high = self.data_range
        error = np.square(np.clip(rows, low, high) - self.clean, dtype=np.float64).mean(axis=1)
        # An image without any error has a PSNR without bound.
        with np.errstate(divide="ignore"):
            return np.where(error == 0, np.inf, 20 * np.log10(high - low) - 10 * np.log10(error))


def _text(psnr: float) -> str:
    return f"{psnr:.1f} dB" if np.isfinite(psnr) else "exact"
