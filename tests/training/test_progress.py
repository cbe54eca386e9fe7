"""What ``verbose`` shows on a terminal, and without one."""

import io
import os
import re
import sys
from contextlib import contextmanager, suppress
from threading import Thread

import pytest

from skae import AutoencoderTransformer

LINE = re.compile(r"Epoch (\d)/3: training loss [\d.e-]+, held-out loss [\d.e-]+")
HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"


def small(**parameters):
    return AutoencoderTransformer(2, hidden_layer_sizes=(8,), max_iter=3, **parameters)


def numbers(lines):
    return [int(LINE.fullmatch(line)[1]) for line in lines]


def n_times(word, lines):
    return sum(line.count(word) for line in lines)


@contextmanager
def terminal():
    """Make standard output a terminal; what it showed is in the list at the end."""
    pty = pytest.importorskip("pty", reason="terminals of POSIX")
    ours, theirs = pty.openpty()
    parts, shown = [], []

    def read():
        # The end of a terminal is an error on Linux, and nothing elsewhere.
        with suppress(OSError):
            while part := os.read(ours, 4096):
                parts.append(part)

    # Beside the fit, which would wait once the terminal's buffer is full.
    reader = Thread(target=read)
    reader.start()
    with os.fdopen(theirs, "w") as stream, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TERM", "xterm")
        patch.setenv("COLUMNS", "120")
        patch.setattr(sys, "stdout", stream)
        yield shown
    reader.join()
    os.close(ours)
    shown.extend(b"".join(parts).decode().splitlines())


def test_a_terminal_has_a_bar_with_the_losses(X):
    pytest.importorskip("rich")
    with terminal() as shown:
        small(verbose=1).fit(X)
    assert re.search(r"3/3.*━.*training loss [\d.e-]+, held-out loss [\d.e-]+", "".join(shown))
    assert not any(map(LINE.fullmatch, shown))
    assert n_times(HIDE_CURSOR, shown) == n_times(SHOW_CURSOR, shown) == 1


def test_a_bar_that_ends_early_leaves_the_terminal_as_it_was(X):
    pytest.importorskip("rich")
    with terminal() as shown, pytest.raises(ValueError, match="diverged"):
        small(verbose=1, init="random", learning_rate_init=1e30).fit(X)
    assert n_times(HIDE_CURSOR, shown) == n_times(SHOW_CURSOR, shown) == 1


@pytest.mark.parametrize(("verbose", "has_rich"), [(2, True), (1, False)])
def test_lines_on_a_terminal(verbose, has_rich, X, monkeypatch):
    if not has_rich:
        monkeypatch.setattr("skae._training.progress.find_spec", lambda name: None)
    with terminal() as shown:
        small(verbose=verbose).fit(X)
    assert numbers(shown) == [1, 2, 3]


@pytest.mark.parametrize("verbose", [True, 1, 2])
def test_lines_in_a_log(verbose, X, monkeypatch):
    log = io.StringIO()
    monkeypatch.setattr(sys, "stdout", log)
    small(verbose=verbose).fit(X)
    assert numbers(log.getvalue().splitlines()) == [1, 2, 3]


@pytest.mark.parametrize("verbose", [0, 1])
def test_without_standard_output_there_is_no_error(verbose, X, monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    small(verbose=verbose).fit(X)
