"""What ``skae compare`` says and shows."""

import numpy as np
import pytest

pytest.importorskip("rich")
pytest.importorskip("matplotlib")
from rich.console import Console
from sklearn.datasets import load_wine

from skae import AutoencoderTransformer, TableEncoder
from skae.comparison import Result, RunningMethod, Table, compare, print_table, verdict
from skae.comparison._cells import Cells
from skae.comparison._verdict import winners

pd = pytest.importorskip("pandas")


def result(method, size, error, accuracy=None, seconds=1.0, n_rows=1000, r2=None):
    """With the same hard and easy rows for every method; the last classes are the wrong ones."""
    row_losses = {"reconstruction": error * np.linspace(0.5, 1.5, n_rows)}
    if accuracy is not None:
        row_losses["target"] = np.arange(n_rows) >= round(accuracy * n_rows)
    if r2 is not None:
        row_losses["target"] = (1 - r2) * np.linspace(0.5, 1.5, n_rows)
    codes, examples = np.zeros((n_rows, size)), np.zeros((1, 3))
    return Result(
        method, size, 1 - error / 100, error, accuracy, seconds, 0.5, codes, examples, r2,
        row_losses=row_losses,
    )  # fmt: skip


def pair(size, pca, ours, accuracies=(None, None), r2=(None, None), n_rows=1000):
    return [
        result(method, size, error, accuracies[n], n_rows=n_rows, r2=r2[n])
        for n, (method, error) in enumerate((("PCA", pca), ("autoencoder", ours)))
    ]


@pytest.mark.parametrize(
    ("results", "words"),
    [
        (pair(2, 10, 4), "squared error is 60 % below PCA's with 2 components."),
        (pair(1, 10, 12), "squared error is 20 % above PCA's with 1 component."),
        (
            pair(2, 10, 10) + pair(8, 5, 1),
            "that of PCA with 2 components and 80 % below PCA's with 8 c",
        ),
        (
            pair(2, 10, 10) + pair(4, 9, 9) + pair(8, 5, 5),
            "is that of PCA with 2, 4 and 8 components.",
        ),
        (pair(2, 10, 4, n_rows=1), "60 % below PCA's (which may be chance) with 2 components."),
        (pair(2, 10, 4, (0.8, 0.7)), "A classifier is more accurate on PCA's code with 2 comp"),
        (
            pair(1, 10, 4, (0.8, 0.7)) + pair(8, 5, 1, (0.9, 0.9)),
            "A classifier is more accurate on PCA's code with 1 component.",
        ),
        (
            pair(2, 10, 4, (0.7, 0.8)) + pair(8, 5, 1, (0.9, 0.8)),
            "on the autoencoder's code with 2 components and on PCA's code with 8 components.",
        ),
        (
            pair(2, 10, 4, (0.8, 0.8)),
            "A classifier is as accurate on one code as on the other, as f",
        ),
        (pair(2, 10, 4, (0.8, 0.803)), "as far as 1,000 rows can tell."),
        (pair(2, 10, 4, (0.0, 1.0), n_rows=1), "as far as 1 row can tell."),
        (pair(2, 10, 4, r2=(0.2, 0.4)), "predicts better on the autoencoder's code with 2 comp"),
        (pair(2, 10, 4, r2=(0.3, 0.3)), "A linear regression predicts as well on one code as on"),
        (pair(2, 10, 4, r2=(-0.3, -0.1)), "predicts no better on either code than the mean does."),
        (pair(2, 0, 0), "is that of PCA with 2"),
        (pair(2, 9e-14, 2e-14), "is that of PCA with 2"),
        ([result("PCA", 2, 1.0)], ""),
    ],
)
def test_the_verdict(results, words):
    assert words in verdict(results)


class TestWinners:
    def test_each_cell_has_its_own(self):
        results = [result("PCA", 2, 10.0, 0.9, 0.1), result("autoencoder", 2, 4.0, 0.8, 3.0)]
        assert winners(results) == {
            (1, "explained"), (1, "squared_error"), (0, "accuracy"), (0, "fit_seconds"),
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("accuracies", "winner"),
        [((0.9, 0.903), set()), ((0.9, 0.9), set()), ((0.9, 0.95), {1}), ((0.95, 0.9), {0})],
    )
    def test_three_rows_in_a_thousand_are_chance(self, accuracies, winner):
        found = winners(pair(2, 10.0, 10.0, accuracies))
        assert found == {(number, "accuracy") for number in winner}

    def test_the_difference_is_taken_row_by_row(self):
        """Rows that are hard for both do not hide what is better on all of them."""
        hard = np.random.default_rng(0).exponential(size=200)
        results = pair(2, 10.0, 9.9, n_rows=200)
        for one, share in zip(results, (1.0, 0.99), strict=True):
            one.row_losses["reconstruction"] = hard * share
        assert (1, "squared_error") in winners(results)
        results[1].row_losses["reconstruction"] = 0.99 * hard[::-1]  # as good, on other rows
        assert not winners(results)

    def test_the_better_of_two_must_beat_a_third(self):
        third = result("third", 2, 4.0)
        assert not winners([*pair(2, 10.0, 4.0), third])
        third.row_losses["reconstruction"] *= 1.5
        assert winners([*pair(2, 10.0, 4.0), third]) == {(1, "explained"), (1, "squared_error")}

    def test_one_row_says_nothing(self):
        assert not winners(pair(2, 10.0, 4.0, (0.0, 1.0), n_rows=1))


def test_what_rows_lose_is_what_is_shown():
    """The means of the losses are the figures, of all columns and of each."""
    frame = pd.DataFrame(load_wine().data[:, :4], columns=list("abcd"))
    frame["kind"] = np.where(load_wine().target == 0, "red", "white")
    frame.loc[::7, "a"] = np.nan
    train, test = frame[::2], frame[1::2]
    encoder = TableEncoder().fit(train)
    target = load_wine().target
    table = Table(
        "wine", encoder.transform(train), encoder.transform(test), target[::2], target[1::2],
        cells=Cells(encoder, train, test),
    )  # fmt: skip
    for one in compare(table, [2], "auto", 0, lambda result: None):
        losses = one.row_losses
        assert one.squared_error == pytest.approx(losses["reconstruction"].mean())
        assert one.accuracy == pytest.approx(1 - losses["target"].mean())
        assert one.restored["kind"] == pytest.approx(1 - losses["column", "kind"].mean())
        known = test["a"].notna().to_numpy()
        np.testing.assert_array_equal(np.isnan(losses["column", "a"]), ~known)
        whole = table.test[known, 0].var(dtype=np.float64)
        assert one.restored["a"] == pytest.approx(1 - losses["column", "a"][known].mean() / whole)


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


def test_columns_that_are_shown_alike_have_no_winner(tmp_path):
    from skae.comparison._columns_back import columns_back
    from skae.comparison._tables import read_table

    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3)).round(2)
    frame = pd.DataFrame(x, columns=["x", "y", "w"]).assign(nk=[5.0] * 199 + [6.0])
    frame.to_csv(tmp_path / "data.csv", index=False)
    table = read_table(tmp_path / "data.csv", None, 0)
    assert table.cells.test["nk"].nunique() == 1
    lines = columns_back(table, compare(table, [2], 1, 0, lambda result: None)).lines
    for _, _, cells in lines:
        texts = [text for text, _ in cells]
        assert all(texts.count(text) == 1 for text, is_best in cells if is_best)
    assert lines[-1][0] == "nk"
    assert not any(is_best for _, is_best in lines[-1][2])
