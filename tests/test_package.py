"""The package as a whole."""

import subprocess
import sys

import pytest

import skae


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_parts_are_imported_where_they_are_first_used():
    code = """
import skae, sys
for part in ("plotting", "persistence", "comparison"):
    assert f"skae.{part}" not in sys.modules
    print(getattr(skae, part).__name__)
"""
    assert run(code).split() == ["skae.plotting", "skae.persistence", "skae.comparison"]


def test_other_names_are_missing_as_usual():
    with pytest.raises(AttributeError, match="module 'skae' has no attribute 'plots'"):
        skae.plots  # noqa: B018


def test_parts_are_offered_for_completion():
    assert {"plotting", "losses"} <= set(dir(skae))
