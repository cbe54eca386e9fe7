"""What ``skae compare`` says and shows."""

import numpy as np
import pytest

pytest.importorskip("rich")
pytest.importorskip("matplotlib")
from rich.console import Console

from skae import AutoencoderTransformer
from skae.comparison import Result, RunningMethod, Table, compare, print_table, verdict
from skae.comparison._verdict import winners


def result(method, size, error, accuracy=None, seconds=1.0, n_rows=1000):
    codes = np.zeros((n_rows, size))
    return Result(method, size, 0.9, error, accuracy, seconds, 0.5, codes, np.zeros((1, 3)))


def pair(size, pca, ours, accuracies=(None, None)):
    errors = {"PCA": pca, "autoencoder": ours}.items()
    return [result(m, size, e, a) for (m, e), a in zip(errors, accuracies, strict=True)]


@pytest.mark.parametrize(
    ("results", "words"),
    [
        (pair(2, 10, 4), "squared error is 60 % below PCA's with 2 components."),
        (pair(1, 10, 12), "squared error is 20 % above PCA's with 1 component."),
        (pair(2, 10, 10) + pair(8, 5, 1), "is that of PCA with 2 and 80 % below PCA's with 8 c"),
        (pair(2, 10, 4, (0.8, 0.7)), "A classifier is more accurate on PCA's code with 2 comp"),
        (
            pair(2, 10, 4, (0.7, 0.8)) + pair(8, 5, 1, (0.9, 0.8)),
            "on the autoencoder's code with 2 and on PCA's code with 8 components.",
        ),
        (
            pair(2, 10, 4, (0.8, 0.8)),
            "A classifier is as accurate on one code as on the other, as f",
        ),
        (pair(2, 10, 4, (0.8, 0.801)), "as far as 1,000 rows can tell."),
        (pair(2, 0, 0), "is that of PCA with 2"),
    ],
)
def test_the_verdict(results, words):
    assert words in verdict(results)


def test_the_winner_of_each_cell_alone_is_marked():
    results = [result("PCA", 2, 10.0, 0.9, 0.1), result("autoencoder", 2, 4.0, 0.8, 3.0)]
    assert winners(results) == {(1, "squared_error"), (0, "accuracy"), (0, "fit_seconds")}


@pytest.mark.parametrize("width", [60, 80])
def test_no_number_is_cut(width):
    results = pair(128, 12345.6, 3.2, (0.5, 1.0))
    console = Console(width=width)
    with console.capture() as printed:
        print_table(results, console)
    words = printed.get().split()
    assert {"1.235e+04", "3.200", "100.0%", "0.500", "autoencoder"} <= set(words)
    assert {"size", "method", "variance", "accuracy"} <= set(words)


def test_the_bar_names_what_runs_and_counts_its_epochs(X):
    with RunningMethod(Console(quiet=True), 2) as running:
        running.begin("PCA")
        assert running.describe() == "1 of 2: PCA"
        assert running.bar.tasks[-1].time_remaining is None
        model = AutoencoderTransformer(2, hidden_layer_sizes=(8,), max_iter=3)
        running.begin("autoencoder", model)
        model.fit(X)
        task = running.bar.tasks[-1]
    assert task.fields["epochs"] == "epoch 3/3"
    assert task.description == "2 of 2: autoencoder"


def test_the_ordered_row_is_one_fit_cut_at_each_size(X):
    begun = []
    results = compare(
        Table("rows", X[:150], X[150:]), [4, 2], 3, 0, lambda result: None,
        lambda name, method: begun.append(name),
    )  # fmt: skip
    assert begun[-1] == "ordered, all sizes"
    assert len(begun) == 5
    four, two = (result for result in results if result.method == "ordered")
    assert (four.n_components, two.n_components) == (4, 2)
    np.testing.assert_array_equal(two.codes, four.codes[:, :2])
    assert two.fit_seconds == four.fit_seconds
    assert two.squared_error > four.squared_error
