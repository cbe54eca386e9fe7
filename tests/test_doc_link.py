"""The picture of an estimator in a notebook."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skae import (
    AutoencoderImputer,
    AutoencoderTransformer,
    DenoisingAutoencoder,
    HiddenFeatures,
    TableEncoder,
)


@pytest.mark.parametrize("kind", [AutoencoderTransformer, DenoisingAutoencoder])
def test_every_parameter_has_a_tooltip_and_a_link_that_leads_to_its_words(kind):
    html = kind()._repr_html_()
    links = re.findall(r'class="param-doc-link".*?href="([^"]+)"', html, re.DOTALL)
    assert len(links) == len(kind().get_params())
    for link in links:
        assert Path(unquote(urlsplit(link).path)).is_file()
    assert "Rows of a batch." in html


@pytest.mark.parametrize("is_built", [False, True])
def test_the_link_is_to_the_built_pages_where_there_are_any(is_built, tmp_path, monkeypatch):
    monkeypatch.setattr("skae._doc_link.BUILT", tmp_path)
    page = tmp_path / "skae.AutoencoderTransformer.html"
    if is_built:
        page.touch()
    link = AutoencoderTransformer()._get_doc_link()
    assert link.endswith(page.name if is_built else "skae/_autoencoder.py")


@pytest.mark.parametrize(
    "estimator", [TableEncoder(), AutoencoderImputer(), HiddenFeatures(DenoisingAutoencoder())]
)
def test_every_other_estimator_has_a_link(estimator):
    assert Path(unquote(urlsplit(estimator._get_doc_link()).path)).is_file()


def test_in_a_pipeline_too():
    pipeline = make_pipeline(StandardScaler(), AutoencoderTransformer())
    assert AutoencoderTransformer()._get_doc_link() in pipeline._repr_html_()
