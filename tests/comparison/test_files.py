"""Files of every kind: each ends with a report, or with a message that names the remedy."""

import csv
import datetime
import decimal
import gzip
import json

import numpy as np
import pytest

from skae.cli import main

pandas = pytest.importorskip("pandas")
pytest.importorskip("rich")
pytest.importorskip("matplotlib")
read_table = pytest.importorskip("skae.comparison").read_table


@pytest.fixture
def numbers():
    rng = np.random.default_rng(0)
    base = rng.normal(size=(60, 2))
    values = np.hstack([base, base @ rng.normal(size=(2, 2)) + 0.1 * rng.normal(size=(60, 2))])
    return pandas.DataFrame(values.round(3), columns=["width", "height", "depth", "mass"])


@pytest.fixture
def table_of(tmp_path):
    """Write a file and read it as the command does."""

    def read(name, content, target=None):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_table(path, target, 0)

    return read


def notes_of(table):
    return " ".join(table.notes)


class TestText:
    @pytest.mark.parametrize(
        ("name", "options"),
        [
            ("data.tsv", {"sep": "\t"}),
            ("DATA.CSV", {}),
            ("data.csv", {"sep": "\t"}),
            ("data.csv", {"sep": "|"}),
            ("data.tsv", {}),
            ("data.csv", {"quoting": 1}),
        ],
    )
    def test_any_separator_and_any_case(self, numbers, table_of, name, options):
        table = table_of(name, numbers.to_csv(index=False, **options))
        assert (table.train.shape, table.test.shape) == ((45, 4), (15, 4))

    @pytest.mark.parametrize("name", ["data.csv.gz", "data.tsv.GZ", "My.Data.v2.csv.gz"])
    def test_packed(self, numbers, table_of, name):
        table = table_of(name, gzip.compress(numbers.to_csv(index=False).encode()))
        assert table.train.shape == (45, 4)

    @pytest.mark.parametrize("thousand", ["", "."])
    def test_decimal_commas(self, numbers, table_of, thousand):
        numbers *= 10_000
        words = numbers.map(lambda x: f"{x:,.2f}".replace(",", "_").replace(".", ","))
        words = words.map(lambda x: x.replace("_", thousand))
        table = table_of("data.csv", words.to_csv(index=False, sep=";"))
        assert "semicolons between cells and decimal commas" in notes_of(table)
        usual = table_of("usual.csv", numbers.round(2).to_csv(index=False))
        np.testing.assert_allclose(table.train, usual.train, atol=1e-6)

    @pytest.mark.parametrize(
        ("text", "thousand"),
        [
            ("{},{} €", 1), ("{},{} %", 1), ("€ {},{}", 1), ("{},{}", 1), ("$ {},{}", 1000),
            ("{}.{} €", 1000), ("{}.{}0", 1), ("$ {}.{}0", 1), ("{}.{},00 €", 1000),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("other", ["0,5", "0.346"])
    def test_each_column_has_its_decimal_mark(self, numbers, table_of, text, thousand, other):
        """Among decimal commas, and where a third column has points."""
        pytest.importorskip("skrub")
        words = numbers.map(lambda x: f"{x:.3f}".replace(".", ","))
        prices = [(n % 7 + 1, 500 - n) for n in range(60)]
        words["price"] = [text.format(*price) for price in prices]
        words["other"] = [other, "-3"] * 30
        table = table_of("data.csv", words.to_csv(index=False, sep=";"))
        found = pandas.concat([table.cells.train, table.cells.test]).sort_index()
        expected = numbers.assign(price=[thousand * (a + b / 1000) for a, b in prices])
        expected["other"] = [float(other.replace(",", ".")), -3] * 30
        np.testing.assert_allclose(found, expected, atol=1e-5)

    @pytest.mark.parametrize("encoding", ["latin-1", "utf-8-sig", "utf-16"])
    def test_other_alphabets(self, numbers, table_of, encoding):
        numbers = numbers.rename(columns={"width": "größe"}).assign(farbe=["grün", "weiß"] * 30)
        table = table_of("data.csv", numbers.to_csv(index=False).encode(encoding), "farbe")
        assert set(table.train_target) == {"grün", "weiß"}
        assert ("Latin-1" in notes_of(table)) == (encoding == "latin-1")

    def test_without_names(self, numbers, table_of):
        table = table_of("data.csv", numbers.to_csv(index=False, header=False))
        assert len(table.train) + len(table.test) == 60
        assert "The first line holds numbers" in notes_of(table)

    @pytest.mark.parametrize("cells", ["red blue", "$1.20 $1.30", "2024-05-01 2024-06-30"])
    def test_without_names_and_with_words(self, numbers, table_of, cells):
        pytest.importorskip("skrub")
        numbers["other"] = cells.split() * 30
        table = table_of("data.csv", numbers.to_csv(index=False, header=False))
        assert len(table.train) + len(table.test) == 60
        assert "The first line holds numbers" in notes_of(table)

    def test_without_names_and_with_a_gap_in_front(self, numbers, table_of):
        numbers["other"] = ["red", "blue"] * 30
        numbers.iloc[0, 0] = None
        table = table_of("data.csv", numbers.to_csv(index=False, header=False))
        assert len(table.train) + len(table.test) == 60

    @pytest.mark.parametrize(
        ("names", "is_noted"),
        [
            (["2019", "2020", "2021", "place"], True),
            (["0.1", "0.5", "0.9", "mean"], True),
            (["", "0.1", "0.5", "0.9"], True),
            (["a", "b", "c", "d"], False),
        ],
    )
    def test_names_that_are_numbers(self, numbers, table_of, names, is_noted):
        table = table_of("data.csv", numbers.set_axis(names, axis=1).to_csv(index=False))
        assert len(table.train) + len(table.test) == 60
        assert ("though it holds numbers" in notes_of(table)) == is_noted

    def test_names_that_are_wavelengths(self, numbers, table_of):
        names = [f"{400 + 2.5 * n}" for n in range(8)]
        spectra = pandas.concat([numbers, numbers**2], axis=1).set_axis(names, axis=1)
        spectra["species"] = ["a", "b"] * 30
        table = table_of("data.csv", spectra.to_csv(index=False), "species")
        assert len(table.train) + len(table.test) == 60

    def test_names_that_count_the_columns(self, numbers, table_of):
        text = numbers.set_axis(range(4), axis=1).to_csv(index=False)
        assert "first line" not in notes_of(table_of("data.csv", text))

    def test_spaces_around_names_and_the_line_of_excel(self, numbers, table_of):
        text = "sep=;\n" + numbers.to_csv(index=False, sep=";").replace(";", " ; ")
        assert table_of("data.csv", text, "height").train.shape == (45, 3)

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize("excel", ["", "sep=,"])
    def test_every_end_of_a_line(self, numbers, table_of, end, excel):
        lines = [excel] * bool(excel) + numbers.to_csv(index=False).splitlines()
        assert table_of("data.csv", end.join(lines)).train.shape == (45, 4)

    def test_a_long_cell(self, numbers, table_of):
        numbers["text"] = ["x" * 140_000, *"abc" * 19, "a", "b"]
        before = csv.field_size_limit()
        assert table_of("data.csv", numbers.to_csv(index=False), "text").train.shape[1] == 4
        assert csv.field_size_limit() == before

    def test_a_name_twice(self, numbers, table_of):
        numbers.columns = ["width", "height", "width", "mass"]
        table = table_of("data.csv", numbers.to_csv(index=False))
        assert "2 columns are named width: the second is width.1 here." in table.notes

    @pytest.mark.parametrize("ends", [[","], [",,"], [",", ""], [", "]])
    def test_separators_at_the_end_of_rows(self, numbers, table_of, ends):
        names, *rows = numbers.to_csv(index=False).splitlines()
        rows = [row + ends[number % len(ends)] for number, row in enumerate(rows)]
        table = table_of("data.csv", "\n".join([names, *rows]))
        np.testing.assert_array_equal(
            table.train, table_of("usual.csv", numbers.to_csv(index=False)).train
        )
        assert "name the rows" not in notes_of(table)

    def test_names_of_rows_without_a_name_are_noted(self, numbers, table_of):
        names, *rows = numbers.to_csv(index=False).splitlines()
        rows = [f"row {number},{row}" for number, row in enumerate(rows)]
        table = table_of("data.csv", "\n".join([names, *rows]))
        assert table.train.shape == (45, 4)
        assert "the first ones name the rows." in notes_of(table)


class TestArrays:
    @pytest.mark.parametrize("dtype", ["uint8", "float32", "bool"])
    @pytest.mark.parametrize("shape", [(4, 3), (1, 4, 3), (4, 3, 3)])
    def test_stacks_of_images_keep_their_pixels(self, tmp_path, shape, dtype):
        images = np.random.default_rng(0).integers(0, 2, (40, *shape)).astype(dtype)
        np.save(tmp_path / "images.npy", images)
        out = tmp_path / "out"
        arguments = ["compare", str(tmp_path / "images.npy"), "--n-components", "2"]
        assert main([*arguments, "--max-iter", "2", "--output", str(out)]) == 0
        assert "Pixels as they are, from 0 to 1" in " ".join(notes_in(out))
        assert "Held-out images" in (out / "report.html").read_text()

    @pytest.mark.parametrize("names", [("X", "y"), ("x_train", "label"), ("arr_0", "y")])
    def test_npz(self, tmp_path, numbers, names):
        rows, target = names
        arrays = {rows: numbers.to_numpy(), target: np.arange(60) % 3, "other": np.ones((3, 2))}
        np.savez(tmp_path / "data.npz", **arrays)
        table = read_table(tmp_path / "data.npz", target, 0)
        assert table.train.shape == (45, 4)
        assert set(table.train_target) == {0, 1, 2}
        assert f"The rows are those of {rows}; left out: other." in table.notes

    def test_records(self, tmp_path, numbers):
        np.save(tmp_path / "data.npy", numbers.to_records(index=False))
        assert read_table(tmp_path / "data.npy", "mass", 0).train.shape == (45, 3)


def notes_in(folder):
    return json.loads((folder / "report.json").read_text())["notes"]


class TestColumns:
    @pytest.mark.parametrize(
        ("name", "values", "note"),
        [
            ("", np.arange(60), "the name of a row: Unnamed: 0."),
            ("PassengerId", np.arange(60)[::-1] + 1, "the name of a row: PassengerId."),
            ("order_id", np.arange(60) * 7 + 1000, "the name of a row: order_id."),
            ("key", 10**18 + np.arange(60) ** 2, "whole numbers of over 15 digits: key."),
            ("key", [f"{10**17 + n**2}" if n % 7 else None for n in range(60)],
             "whole numbers of over 15 digits: key."),
            ("key", [f"1{n:030}" for n in range(60)], "other words in nearly every row: key."),
            ("hash", [f"{n * 7919 % 10007:x}-{n}" for n in range(60)],
             "other words in nearly every row: hash."),
            ("name", [f"name {max(n, 1)}" for n in range(60)],
             "other words in nearly every row: name."),
            ("size", [f"{n}.5" if n % 9 else f"about {n}" for n in range(60)],
             "numbers with words among them: size."),
            ("unit", ["m"] * 60, "constant: unit."),
            ("zero", np.zeros(60), "constant: zero."),
            ("empty", [None] * 60, "empty: empty."),
            ("empty", ["N/A"] * 60, "empty: empty."),
        ],
    )  # fmt: skip
    def test_what_says_nothing_is_left_out(self, numbers, table_of, name, values, note):
        pytest.importorskip("skrub")
        numbers.insert(0, name, values)
        table = table_of("data.csv", numbers.to_csv(index=False))
        assert table.train.shape == (45, 4)
        assert f"Left out, {note}" in table.notes

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("year", np.arange(60) + 1950),
            ("humid", np.arange(60) * 3 + 10),
            ("price", np.linspace(1e18, 2e18, 60)),
            ("far", 1e9 + np.arange(60) % 7),
        ],
    )
    def test_what_is_measured_is_kept(self, numbers, table_of, name, values):
        table = table_of("data.csv", numbers.assign(**{name: values}).to_csv(index=False))
        assert table.train.shape == (45, 5)
        np.testing.assert_allclose(table.train.std(axis=0), 1, atol=1e-3)

    def test_words_that_pandas_takes_for_gaps_are_told(self, numbers, table_of):
        pytest.importorskip("skrub")
        numbers["drug"], numbers["land"] = ["None", "some", "much"] * 20, ["NA", "EU", "AS"] * 20
        table = table_of("data.csv", numbers.to_csv(index=False))
        assert "Taken for gaps: drug 'None' (20), land 'NA' (20)." in table.notes

    def test_copies_among_held_out_rows_are_told(self, numbers, table_of):
        table = table_of("data.csv", pandas.concat([numbers[:6]] * 10).to_csv(index=False))
        assert "15 of 15 held-out rows are copies of training rows" in notes_of(table)

    def test_missing_numbers_are_filled_and_marked(self, numbers, table_of):
        numbers.loc[::5, "mass"] = None
        table = table_of("data.csv", numbers.to_csv(index=False))
        assert table.train.shape == (45, 5)
        assert np.isfinite(table.train).all()
        assert "and marked: mass (20 %)." in notes_of(table)

    def test_words_and_dates(self, numbers, table_of):
        pytest.importorskip("skrub")
        numbers["day"] = pandas.date_range("2024-01-01", periods=60).astype(str)
        numbers["colour"] = (["red", "green", None] * 20)[:60]
        numbers["street"] = [f"street {n % 55}" for n in range(60)]
        table = table_of("data.csv", numbers.to_csv(index=False))
        kinds = table.cells.encoder.kinds_
        assert [kinds[name] for name in ("day", "colour", "street")] == [
            "dates", "categories", "texts"
        ]  # fmt: skip
        assert "Missing words are a category of their own: colour." in table.notes

    def test_words_that_are_taken_for_gaps_are_said(self, numbers, table_of):
        pytest.importorskip("skrub")
        numbers["kind"] = ["a", "b", "?"] * 20
        numbers["size"] = ["na", *(f"{n}.5" for n in range(59))]
        table = table_of("data.csv", numbers.to_csv(index=False))
        assert "Taken for gaps: kind '?' (20), size 'na' (1)." in table.notes
        assert table.cells.encoder.kinds_["size"] == "numbers"

    def test_parquet_of_every_kind(self, numbers, tmp_path):
        pytest.importorskip("skrub")
        numbers["exact"] = [decimal.Decimal(f"{n}.25") for n in range(60)]
        numbers["list"] = [[1, 2]] * 60
        numbers["kind"] = pandas.Categorical(["a", "b"] * 30)
        numbers["day"] = [datetime.date(2024, 1, 1 + n % 28) for n in range(60)]
        numbers["long"] = pandas.to_timedelta(range(60), unit="s")
        numbers.to_parquet(tmp_path / "data.parquet")
        table = read_table(tmp_path / "data.parquet", None, 0)
        assert "Left out, several values in a cell: list." in table.notes
        assert list(table.cells.encoder.kinds_.values())[4:] == [
            "numbers", "categories", "dates", "dates"
        ]  # fmt: skip

    def test_words_without_skrub(self, numbers, table_of, monkeypatch):
        monkeypatch.setattr("skae.comparison._tables.find_spec", lambda name: None)
        text = numbers.assign(colour=["red", "green"] * 30, kind=["a", "b"] * 30)
        table = table_of("data.csv", text.to_csv(index=False), "kind")
        assert table.train.shape == (45, 4)
        assert "Left out, words: colour. pip install 'skae[tables]' to compare on them too." in (
            table.notes
        )
        assert set(table.train_target) == {"a", "b"}


class TestTarget:
    @pytest.mark.parametrize(("n_missing", "words"), [(1, "1 row without"), (20, "20 rows with")])
    def test_rows_without_a_target_are_left_out(self, numbers, table_of, n_missing, words):
        numbers["kind"] = [None] * n_missing + ["a", "b"] * 20 + ["a"] * (20 - n_missing)
        table = table_of("data.csv", numbers.to_csv(index=False), "kind")
        assert len(table.train) + len(table.test) == 60 - n_missing
        assert words in notes_of(table)

    def test_a_number_is_predicted_by_a_regression(self, numbers, tmp_path):
        numbers.to_csv(tmp_path / "data.csv", index=False)
        arguments = ["compare", str(tmp_path / "data.csv"), "--target", "mass", "--max-iter", "2"]
        assert main([*arguments, "--n-components", "2", "--output", str(tmp_path)]) == 0
        page, report = (tmp_path / "report.html").read_text(), tmp_path / "report.json"
        assert "R²" in page
        assert "accuracy" not in page
        assert all(result["r2"] > 0.5 for result in json.loads(report.read_text())["results"])

    @pytest.mark.parametrize("n_of_rare", [1, 2, 3])
    def test_a_rare_class_is_never_in_held_out_rows_alone(self, numbers, table_of, n_of_rare):
        numbers["kind"] = ["a"] * 30 + ["b"] * (30 - n_of_rare) + ["c"] * n_of_rare
        table = table_of("data.csv", numbers.to_csv(index=False), "kind")
        assert "c" in table.train_target
        assert ("one row alone" in notes_of(table)) == (n_of_rare == 1)

    def test_one_class_alone_is_no_target(self, numbers, table_of):
        table = table_of("data.csv", numbers.assign(kind="a").to_csv(index=False), "kind")
        assert table.train_target is None
        assert "kind has one value alone: there is nothing to predict." in table.notes


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("data.csv", "x,y\n1,2\n3,inf\n", "data.csv holds inf in column y, row 2. Replace it"),
        ("data.csv", "", "it is empty"),
        ("data.csv", "sep=;\r", "it is empty"),
        ("data.csv", bytes(range(256)) * 9, "it is no text"),
        ("data.csv", "x,y\n1,2\n".encode("utf-16-le"), "it is no text"),
        ("data.csv", bytes(range(255, 1, -1)), "Is it csv"),
        ("data.csv", "x,y\n1,2\n3,4,5,6\n", "Expected 2 fields in line 3"),
        ("data.csv", "x,y\n1,2\n", "data.csv has 1 rows; 8 are needed"),
        ("data.csv.gz", "x,y\n1,2\n", "Is it csv"),
        ("data.xlsx", "", "use .csv, .tsv"),
        ("data", "", "use .csv, .tsv"),
        ("data.parquet", "no", "Is it parquet"),
        ("data.npy", "no", "Is it npy"),
        ("data.npz", "no", "Is it npz"),
    ],
)
def test_a_refusal_names_the_file_and_a_remedy(table_of, name, content, words):
    with pytest.raises(ValueError, match="data") as caught:
        table_of(name, content)
    assert words in str(caught.value)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros(9), r"rows are needed, an array of shape \(rows, columns\)"),
        (np.zeros((9, 2), complex), "real numbers are needed"),
        (np.array([["a", "b"]] * 9), "real numbers are needed"),
        (np.array([[None, 1]] * 9), "Object arrays cannot be loaded"),
        (np.full((20, 3, 3), np.inf), "holds inf in column 0, row 1"),
        (np.full((20, 3, 3), np.nan), "holds the same image 20 times"),
        (np.zeros((0, 4)), "has 0 rows; 8 are needed"),
    ],
)
def test_arrays_that_are_refused(tmp_path, array, words):
    np.save(tmp_path / "data.npy", array)
    with pytest.raises(ValueError, match=words):
        read_table(tmp_path / "data.npy", None, 0)


@pytest.mark.parametrize(
    "arrays", [{"a": np.ones((9, 2)), "b": np.ones((9, 2))}, {"a": np.ones(3)}]
)
def test_an_npz_of_several_tables_or_none(tmp_path, arrays):
    np.savez(tmp_path / "data.npz", **arrays)
    with pytest.raises(ValueError, match="Name the one to read X or x"):
        read_table(tmp_path / "data.npz", None, 0)
