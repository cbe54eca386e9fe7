"""MNIST: a bundled sample that needs no network, and a fetcher of all of it. No torch here."""

from skae.datasets._mnist import fetch_mnist, load_mnist_sample

__all__ = ["fetch_mnist", "load_mnist_sample"]
