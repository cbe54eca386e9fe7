"""The parameters that all estimators share are the same everywhere, and documented once."""

import inspect
import re

import pytest

from skae import (
    AutoencoderOutlierDetector,
    AutoencoderTransformer,
    DenoisingAutoencoder,
    OrderedAutoencoder,
)
from skae._base.shared import ATTRIBUTES, PARAMETERS, SHARED_CHECKS, _of

KINDS = [
    AutoencoderOutlierDetector,
    AutoencoderTransformer,
    DenoisingAutoencoder,
    OrderedAutoencoder,
]
OF_EACH = {"n_components"}
"""Shared in meaning, with a default of its own."""


def shared_by(name):
    return [kind for kind in KINDS if name not in kind._settled]


def defaults(kind):
    return {name: p.default for name, p in inspect.signature(kind).parameters.items()}


@pytest.mark.parametrize("name", sorted(SHARED_CHECKS.keys() - OF_EACH))
def test_defaults_agree(name):
    assert len({repr(defaults(kind)[name]) for kind in shared_by(name)}) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_defaults_are_accepted_and_documented(kind):
    text = " ".join(kind.__doc__.split())
    for name, check in kind._parameter_checks.items():
        default = defaults(kind)[name]
        assert check.accepts(default)
        written = f'"{default}"' if isinstance(default, str) else f"{default}"
        written = written.replace("0.0001", "1e-4")
        assert re.search(rf" {name} : [^.]*?default={re.escape(written)}", text), name


@pytest.mark.parametrize("kind", KINDS)
def test_the_shared_text_is_in_its_place(kind):
    for text in (PARAMETERS, ATTRIBUTES):
        assert kind.__doc__.count(_of(kind, text).strip()) == 1
    assert "{shared" not in kind.__doc__


def test_a_parameter_that_a_class_settles_is_left_out():
    assert " init :" in AutoencoderTransformer.__doc__
    assert " init :" not in OrderedAutoencoder.__doc__
    assert " output_activation :" in OrderedAutoencoder.__doc__
