"""Fitted models of every kind, and the ways in which they go to a file and come back."""

import copy
import io
import pickle

import joblib
import skops.io
import torch
from sklearn.model_selection import GridSearchCV

from skae import (
    AutoencoderOutlierDetector,
    AutoencoderTransformer,
    DenoisingAutoencoder,
    OrderedAutoencoder,
)
from skae.architectures import ConvArchitecture, DenseArchitecture
from skae.corruption import CORRUPTIONS, Swap
from skae.persistence import SKOPS_TRUSTED_TYPES, load_safetensors, save_safetensors

QUICK = {"hidden_layer_sizes": (6,), "max_iter": 2, "random_state": 0}
IMAGE = {**QUICK, "n_components": 2}


def conv(**parameters):
    return ConvArchitecture((2, 4), (3,), **parameters)


MODELS = {
    "plain": AutoencoderTransformer(3, **QUICK),
    "deep": AutoencoderTransformer(3, **{**QUICK, "hidden_layer_sizes": (8, 6, 5)}),
    "no hidden layer": AutoencoderTransformer(3, **{**QUICK, "hidden_layer_sizes": ()}),
    "random": AutoencoderTransformer(3, init="random", **QUICK),
    "closed form": AutoencoderTransformer(3, solver="ridge", random_state=0),
    "float64": AutoencoderTransformer(3, dtype="float64", **QUICK),
    "dense architecture": AutoencoderTransformer(3, architecture=DenseArchitecture([5]), **QUICK),
    "convolutional": AutoencoderTransformer(architecture=conv(), **IMAGE),
    "convolutional, bilinear": AutoencoderTransformer(
        architecture=conv(upsampling="bilinear"), **IMAGE
    ),
    "convolutional, transposed": AutoencoderTransformer(
        architecture=conv(upsampling="transposed", downsampling="stride"), **IMAGE
    ),
    "ordered": OrderedAutoencoder(3, max_components=4, **QUICK),
    "ordered, closed form": OrderedAutoencoder(2, random_state=0),
    "ordered, convolutional": OrderedAutoencoder(architecture=conv(), **IMAGE),
    "outliers": AutoencoderOutlierDetector(3, **QUICK),
    "outliers, closed form": AutoencoderOutlierDetector(n_references=0, random_state=0),
    "outliers, convolutional": AutoencoderOutlierDetector(architecture=conv(), **IMAGE),
    "denoising": DenoisingAutoencoder(3, **QUICK),
    "denoising, convolutional": DenoisingAutoencoder(architecture=conv(), **IMAGE),
    "denoising, object": DenoisingAutoencoder(3, noise=Swap((0.1, 0.2)), **QUICK),
    **{
        f"denoising, {noise}": DenoisingAutoencoder(3, noise=noise, **QUICK)
        for noise in CORRUPTIONS
    },
}


class UsersArchitecture:
    """Of a user: no ``outline``, no parameters, ends in an activation (so it gets a gate)."""

    def build(self, n_features, n_components, generator):
        encoder = torch.nn.Sequential(torch.nn.Linear(n_features, n_components), torch.nn.Tanh())
        decoder = torch.nn.Linear(n_components, n_features)
        for parameter in [*encoder.parameters(), *decoder.parameters()]:
            torch.nn.init.normal_(parameter, std=0.1, generator=generator)
        return encoder, decoder


def by_pickle(model, folder):
    return pickle.loads(pickle.dumps(model))


def by_joblib(model, folder):
    joblib.dump(model, folder / "model.joblib")
    return joblib.load(folder / "model.joblib")


def by_memory_map(model, folder):
    joblib.dump(model, folder / "model.joblib")
    return joblib.load(folder / "model.joblib", mmap_mode="r")


def by_deepcopy(model, folder):
    return copy.deepcopy(model)


def by_skops(model, folder):
    file = io.BytesIO()
    skops.io.dump(model, file)
    trusted = SKOPS_TRUSTED_TYPES
    kind = type(model)
    if kind.__module__.startswith("tests."):
        # A subclass of the user's own is named as well.
        trusted = [*trusted, f"{kind.__module__}.{kind.__qualname__}"]
    if isinstance(model, GridSearchCV):
        # skops does not know these of scikit-learn itself, whatever is searched.
        trusted = [
            *trusted, "sklearn.metrics._scorer._PassthroughScorer",
            "sklearn.model_selection._split.KFold",
        ]  # fmt: skip
    return skops.io.load(file, trusted=trusted)


def by_safetensors(model, folder):
    save_safetensors(model, folder / "model.safetensors")
    return load_safetensors(folder / "model.safetensors")


WAYS = {
    way.__name__: way
    for way in (by_pickle, by_joblib, by_memory_map, by_deepcopy, by_skops, by_safetensors)
}
