"""``skae impute``: gaps of a file are filled, and every other cell is what it was."""

import gzip
import re

import numpy as np
import pytest

from skae.cli import main

pandas = pytest.importorskip("pandas")
pytest.importorskip("rich")
fill_file = pytest.importorskip("skae.comparison").fill_file
spell = pytest.importorskip("skae.comparison._spelling").spell

N_ROWS = 40


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Linear models alone: what is written does not depend on how cells are found."""
    from skae import AutoencoderImputer
    from skae.comparison import _filling

    def imputer(**parameters):
        return AutoencoderImputer(hidden_layer_sizes=(), **parameters)

    monkeypatch.setattr(_filling, "AutoencoderImputer", imputer)


@pytest.fixture
def table():
    """Columns that know each other well, with a gap in every ninth row of all but the first."""
    t = np.random.default_rng(0).permutation(N_ROWS)
    frame = pandas.DataFrame(
        {
            "t": t / 10,
            "count": 3 * t + 5,
            "half": (t / 2).round(2),
            "day": pandas.Timestamp("2024-01-01") + pandas.to_timedelta(t, unit="D"),
            "high": np.where(t < N_ROWS // 2, "no", "yes"),
        }
    )
    gaps = np.arange(N_ROWS) % 9 == 4
    return frame, frame.mask(gaps[:, np.newaxis] & (np.arange(5) > 0))


def written(frame, **how):
    frame = frame.assign(day=frame["day"].dt.strftime(how.pop("date", "%Y-%m-%d")))
    frame["count"] = frame["count"].astype("Int64")
    return frame.to_csv(index=False, **how)


def filled_text(tmp_path, content, name="data.csv"):
    path, output = tmp_path / name, tmp_path / f"filled.{name}"
    path.write_bytes(content)
    fill_file(path, output, 0)
    return output.read_bytes()


@pytest.mark.parametrize(
    ("how", "encoding"),
    [
        ({}, "utf-8"),
        ({"sep": ";", "decimal": ","}, "latin-1"),
        ({"sep": "\t", "lineterminator": "\r\n"}, "utf-16"),
        ({"quoting": 1}, "utf-8-sig"),
        ({"lineterminator": "\r"}, "utf-8"),
        ({"date": "%d.%m.%Y"}, "utf-8"),
    ],
    ids=["commas", "semicolons and decimal commas", "utf-16", "quoted", "returns", "days first"],
)
def test_a_text_stays_the_same_but_for_its_gaps(table, tmp_path, how, encoding):
    pytest.importorskip("skrub")
    whole, gappy = table
    whole = written(whole.rename(columns={"half": "hälfte"}), **how)
    gappy = written(gappy.rename(columns={"half": "hälfte"}), **how)
    found = filled_text(tmp_path, gappy.encode(encoding)).decode(encoding)
    assert "\ufeff" not in found
    cell = re.compile(r"[^,;\t\r\n\"]+" if "decimal" not in how else r"[^;\r\n]+")
    differ = [
        (one, other)
        for one, other in zip(cell.findall(whole), cell.findall(found), strict=True)
        if one != other
    ]
    # All but a few cells are even found again to the last decimal.
    assert len(differ) < 10
    assert cell.sub("", whole) == cell.sub("", found)
    lines = zip(gappy.splitlines(), found.splitlines(), strict=True)
    assert all(one == other for one, other in lines if not re.search(r"([,;\t]|\"\")$", one))


def test_oddities_of_a_text_stay_as_they_are(tmp_path):
    rows = "".join(f'{n}.50, "a ""b"", {n % 2}" ,{2 * n}\n\n' for n in range(20))
    text = "x, kind,y\n" + rows + '7.50\n8.50,"",\n'
    found = filled_text(tmp_path, text.encode()).decode()
    assert found.startswith("x, kind,y\n" + rows)
    end = found.removeprefix("x, kind,y\n" + rows).splitlines()
    assert re.fullmatch(r'7\.50,"a ""b"", [01]",1[45]', end[0])
    assert re.fullmatch(r'8\.50,"a ""b"", [01]",1[67]', end[1])


def test_separators_at_the_end_of_rows(tmp_path):
    rows = "".join(f"{n}.50,{2 * n},\n" for n in range(30))
    found = filled_text(tmp_path, f"x,y\n{rows}7.50,,\n,14,\n".encode()).decode()
    assert re.fullmatch(re.escape(f"x,y\n{rows}") + r"7\.50,1[45],\n[67]\.\d\d,14,\n", found)


def test_without_names_and_with_words(tmp_path):
    rows = "".join(f"{n}.50,{2 * n},{'ab'[n % 2]}\n" for n in range(30))
    found = filled_text(tmp_path, f"{rows}7.50,,a\n".encode()).decode()
    assert re.fullmatch(re.escape(rows) + r"7\.50,1[45],a\n", found)


@pytest.mark.parametrize("gap", ["", "NA", "?", "null"])
def test_names_of_rows_and_names_of_gaps(tmp_path, gap):
    pytest.importorskip("skrub")
    rows = [f"row {n},{n},{2 * n if n % 7 else gap}" for n in range(1, 40)]
    found = filled_text(tmp_path, "\n".join(["x,y", *rows]).encode()).decode().splitlines()
    assert [row for row in found[1:] if not row.endswith(("14", "28", "42", "56", "70"))] == [
        row for row in rows if not row.endswith(f",{gap}" if gap else ",")
    ]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_words_that_are_taken_for_gaps_are_said(tmp_path, kind):
    pytest.importorskip("skrub")
    drug = ["None", "aspirin", "ibuprofen"] * 20
    frame = pandas.DataFrame({"x": np.arange(60) % 3 + 0.5, "drug": drug, "seen": ["x", "?"] * 30})
    path = tmp_path / f"a.{kind}"
    frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path)
    notes = fill_file(path, tmp_path / f"b.{kind}", 0).notes
    assert notes == ["Gaps left, one value: seen (30).", "Taken for gaps: drug 'None' (20)."]


def test_cells_without_letters_are_gaps_without_a_word(tmp_path):
    rows = "".join(f"{n},{2 * n if n % 5 else [''' ''', '  ', ''][n % 3]}\n" for n in range(60))
    (tmp_path / "a.csv").write_text("x,y\n" + rows)
    filling = fill_file(tmp_path / "a.csv", tmp_path / "b.csv", 0)
    assert (len(filling.values["y"]), filling.notes) == (12, [])


def test_a_word_among_numbers_is_filled_unless_there_are_many(tmp_path):
    pytest.importorskip("skrub")
    few = ["na" if n == 3 else 2 * n for n in range(60)]
    many = [f"about {n}" if n % 9 == 0 else n for n in range(60)]
    frame = pandas.DataFrame({"x": np.arange(60) / 2, "few": few, "many": many})
    frame.to_csv(tmp_path / "a.csv", index=False)
    filling = fill_file(tmp_path / "a.csv", tmp_path / "b.csv", 0)
    assert filling.notes == [
        "Left out, numbers with words among them: many.", "Taken for gaps: few 'na' (1)."
    ]  # fmt: skip
    found = pandas.read_csv(tmp_path / "b.csv")
    assert abs(found["few"] - 2 * np.arange(60)).max() < 4
    assert found["many"].tolist() == frame["many"].astype(str).tolist()


def euros(number):
    return f"{number:,.2f} €".translate(str.maketrans(",.", ".,"))


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        ("${:.2f}".format, r"\$\d+\.\d\d"),
        ("${:,.2f}".format, r"\$\d,\d{3}\.\d\d"),
        ("${:,.0f}".format, r"\$\d,\d{3}"),
        ("$ {:.2f}".format, r"\$ \d+\.\d\d"),
        ("{:.0f} %".format, r"\d+ %"),
        ("{:.3e}".format, r"\d(\.\d+)?e\+0\d|\d+(\.\d+)?"),
        ("{:.0f}".format, r"\d+"),
        (euros, r"\d\.\d{3},\d\d €"),
        (lambda number: f"{number:,.0f}".replace(",", "\u202f"), "\\d\u202f\\d{3}"),
        (lambda number: f"{number:,.2f}".replace(",", "'"), r"\d'\d{3}\.\d\d"),
    ],
)
@pytest.mark.parametrize("decimal", [".", ","])
def test_numbers_are_written_as_the_others_of_their_column(tmp_path, write, expected, decimal):
    """Whatever stands before the decimals in other columns."""
    pytest.importorskip("skrub")
    rows = "".join(f"{n}.25;{write(60 * n + 900)}\n" for n in range(30)).replace(
        ".25;", f"{decimal}25;"
    )
    content = f"x;y\n{rows}15{decimal}25;\n".encode()
    last = filled_text(tmp_path, content).decode().splitlines()[-1].partition(";")[2]
    assert re.fullmatch(expected, last)
    marks = str.maketrans(".,", ",.") if write is euros else {}
    number = float(re.sub(r"[$€\s%,']", "", last.translate(marks)))
    assert abs(number - 1800) < 20


@pytest.mark.parametrize(
    ("texts", "written"),
    [
        (["-$5.00", "$1.25"], ["-$7.12", "$0.00"]),
        (["$-5.00", "$1.25"], ["$-7.12", "$0.00"]),
        (["-5,00 €", "1,25 €"], ["-7,12 €", "0,00 €"]),
        (["($5.00)", "$1.25"], ["($7.12)", "$0.00"]),
        (["(5,00)", "1,25"], ["(7,12)", "0,00"]),
        (["$(5.00)", "$1.25"], ["$(7.12)", "$0.00"]),
        (["\u22125.00", "1.25"], ["\u22127.12", "0.00"]),
        (["-5.00", "+1.25"], ["-7.12", "+0.00"]),
        (["CHF -5.00", "CHF 1.25"], ["CHF -7.12", "CHF 0.00"]),
    ],
)
def test_signs_stand_where_they_do_elsewhere(texts, written):
    known = pandas.Series([-5.0, 1.25])
    assert spell(pandas.Series([-7.123, -0.001]), known, texts) == written


def test_numbers_claim_no_digits_that_they_do_not_have():
    texts = ["0.041910073697797764", "1e-7", "123456.123456789"]
    known = pandas.Series([float(text) for text in texts])
    assert spell(pandas.Series([1 / 3]), known, texts) == ["0.333333333333333"]
    known, texts = pandas.Series([0.5, -0.25]), [".5", "-.25"]
    assert spell(pandas.Series([0.75, 1.5]), known, texts) == [".75", "1.50"]


@pytest.mark.parametrize(
    ("texts", "written"),
    [
        (["1/14/2022", "12/3/2021"], "5/1/2022"),
        (["14.1.2022", "3.12.2021"], "1.5.2022"),
        (["01/14/2022", "12/03/2021"], "05/01/2022"),
        (["2022-01-14 05:06:07.125", "2021-12-03 00:00:00.000"], "2022-05-01 09:08:07.500"),
    ],
)
def test_dates_are_written_as_the_others(texts, written):
    known = pandas.to_datetime(
        pandas.Series(texts), dayfirst="." in texts[0] and ":" not in texts[0]
    )
    value = pandas.Timestamp("2022-05-01 09:08:07.5")
    assert spell(pandas.Series([value]), known, texts) == [written]


@pytest.mark.parametrize(
    ("write", "found"),
    [
        ("{:04d}".format, r"00\d\d"),
        (lambda n: str(pandas.Timestamp("2022-03-01") + pandas.Timedelta(days=n))[:10].replace(
            "-", ""
        ), r"2022\d{4}"),
        (lambda n: str(10**17 + 7 * n), ""),
    ],
    ids=["codes", "days", "accounts"],
)  # fmt: skip
def test_digits_that_are_no_amounts_are_filled_as_what_they_are(tmp_path, write, found):
    pytest.importorskip("skrub")
    cells = [write(n % 30) if n % 9 else "" for n in range(60)]
    content = "x,y\n" + "".join(f"{n % 30}.5,{cell}\n" for n, cell in enumerate(cells))
    lines = filled_text(tmp_path, content.encode()).decode().splitlines()[1:]
    filled = [line.partition(",")[2] for line, cell in zip(lines, cells, strict=True) if not cell]
    assert all(re.fullmatch(found, cell) for cell in filled)
    assert not found or set(filled) <= {write(n) for n in range(-5, 35)}


def test_how_a_file_was_read_is_told(tmp_path):
    path = tmp_path / "data.csv"
    path.write_bytes(b"x;y\n" + b"".join(b"%d;%d \x80\n" % (n, 3 * n) for n in range(20)))
    notes = fill_file(path, tmp_path / "filled.csv", 0).notes
    assert "Read as Windows-1252 text." in notes
    path.write_text("x y\n" + "".join(f"{n} {n}\n" for n in range(20)))
    notes = fill_file(path, tmp_path / "filled.csv", 0).notes
    assert any("Each line is one cell" in note for note in notes)


def test_a_line_above_the_names_is_refused(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("Sales of 2024\n\na,b,c\n" + "".join(f"{n},{n},u\n" for n in range(20)))
    with pytest.raises(ValueError, match=r"data\.csv cannot be read: its first line is one cell"):
        fill_file(path, tmp_path / "filled.csv", 0)


def test_times_of_the_day_in_parquet_are_left(tmp_path):
    import datetime

    times = [datetime.time(8 + n % 3, 30) if n % 9 else None for n in range(40)]
    frame = pandas.DataFrame({"x": np.arange(40.0), "open": times})
    frame.to_parquet(tmp_path / "data.parquet")
    filling = fill_file(tmp_path / "data.parquet", tmp_path / "filled.parquet", 0)
    assert any("open (5)" in note for note in filling.notes)
    assert pandas.read_parquet(tmp_path / "filled.parquet")["open"].tolist() == times


@pytest.mark.parametrize(("seconds", "unit"), [(0.02, "ms"), (40, "seconds"), (2e6, "days")])
def test_errors_of_durations_have_a_unit_that_suits_them(tmp_path, seconds, unit):
    x = np.linspace(1, 3, 40)
    lasted = pandas.Series(pandas.to_timedelta(seconds * x, unit="s"))
    frame = pandas.DataFrame({"x": x, "lasted": lasted.where(np.arange(40) % 9 > 0)})
    frame.to_parquet(tmp_path / "data.parquet")
    filling = fill_file(tmp_path / "data.parquet", tmp_path / "filled.parquet", 0)
    assert filling.columns[0].unit == unit
    filled = pandas.read_parquet(tmp_path / "filled.parquet")["lasted"] / pandas.Timedelta(
        seconds=1
    )
    np.testing.assert_allclose(filled, seconds * x, rtol=0.1)


def test_packed_texts(table, tmp_path):
    text = written(table[1][["t", "count", "day"]].assign(day=table[0]["day"])).encode()
    content = filled_text(tmp_path, gzip.compress(text), "Data.CSV.gz")
    lines = gzip.decompress(content).decode().splitlines()
    assert len(lines) == N_ROWS + 1
    assert not any(",," in line for line in lines)


@pytest.mark.parametrize(
    ("dtype", "suffix", "order"),
    [("float32", "npy", "C"), ("float64", "npy", "F"), ("float32", "npz", "F")],
)
def test_arrays_keep_shape_dtype_and_observed_bits(tmp_path, dtype, suffix, order):
    rng = np.random.default_rng(0)
    images = np.outer(rng.normal(size=30), rng.normal(size=12)).reshape(30, 4, 3).astype(dtype)
    gappy = np.where(rng.random(images.shape) < 0.1, np.nan, images).astype(dtype, order)
    path, output = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    if suffix == "npy":
        np.save(path, gappy)
    else:
        np.savez(path, X=gappy, y=np.arange(30))
    fill_file(path, output, 0)
    found = np.load(output)
    if suffix == "npz":
        np.testing.assert_array_equal(found["y"], np.arange(30), strict=True)
        found = found["X"]
    assert (found.shape, found.dtype) == (images.shape, images.dtype)
    known = ~np.isnan(gappy)
    np.testing.assert_array_equal(found[known], gappy[known])
    assert np.abs(found - images).mean() < 0.02


def test_a_pixel_of_one_value_is_filled(tmp_path):
    images = np.random.default_rng(0).normal(size=(30, 4, 3))
    images[:, 0, 0] = 1
    images[3, 0, 0] = np.nan
    np.save(tmp_path / "a.npy", images)
    fill_file(tmp_path / "a.npy", tmp_path / "b.npy", 0)
    assert np.load(tmp_path / "b.npy")[3, 0, 0] == pytest.approx(1)


def test_a_parquet_file_keeps_its_dtypes(table, tmp_path):
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    pytest.importorskip("skrub")
    whole, gappy = table
    kinds = {
        "t": pa.float32(), "count": pa.int16(), "half": pa.float64(), "day": pa.date32(),
        "high": pa.dictionary(pa.int8(), pa.string()),
    }  # fmt: skip
    before = pa.Table.from_pandas(gappy, pa.schema(kinds.items()), safe=False)
    parquet.write_table(before, tmp_path / "a.parquet")
    fill_file(tmp_path / "a.parquet", tmp_path / "b.parquet", 0)
    after = parquet.read_table(tmp_path / "b.parquet")
    # Older versions of pyarrow read every dictionary with indices of int32.
    expected = parquet.read_table(tmp_path / "a.parquet").schema
    assert after.schema.equals(expected, check_metadata=True)
    found = after.to_pandas()
    assert not found.isna().any(axis=None)
    assert (found["high"] == whole["high"]).mean() > 0.9
    assert abs(found["count"] - whole["count"]).max() < 15
    known = gappy["count"].notna()
    assert (found["count"] == whole["count"])[known].all()


def test_what_is_left_is_said(tmp_path, capsys):
    pytest.importorskip("skrub")
    names = [f"street {n * 7919 % 997}, {n}" if n % 5 else "" for n in range(60)]
    frame = pandas.DataFrame({"x": np.arange(60.0) ** 2, "y": np.arange(60.0)})
    frame["street"] = names
    frame["seen"] = np.where(np.arange(60) % 3, "x", "")
    frame["smoker"] = np.where(np.arange(60) % 4, 1, np.nan)
    frame["nothing"] = None
    frame.loc[7, "y"] = None
    frame.to_csv(tmp_path / "data.csv", index=False)
    assert main(["impute", str(tmp_path / "data.csv")]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "Gaps left, one value: seen (20), smoker (15)." in printed
    assert "Gaps left, nothing to fill from: street (12), nothing (60)." in printed
    found = pandas.read_csv(tmp_path / "data.filled.csv")
    assert found["street"].isna().sum() == 12
    assert abs(found["y"][7] - 7) < 3


def test_dates_that_are_written_in_no_order_are_left(table, tmp_path):
    pytest.importorskip("skrub")
    frame = table[1].assign(day=table[1]["day"].dt.strftime("%Y-%m-%d"))
    frame.loc[::2, "day"] = frame.loc[::2, "day"].str.replace("-", "/")
    frame.to_csv(tmp_path / "data.csv", index=False)
    filling = fill_file(tmp_path / "data.csv", tmp_path / "filled.csv", 0)
    assert [column.name for column in filling.columns] == list(filling.values)
    found = pandas.read_csv(tmp_path / "filled.csv")
    left = [name for name in found if found[name].isna().any()]
    assert all(name in " ".join(filling.notes) for name in left)
    assert "half" not in left


def test_filled_cells_are_judged_by_hidden_ones(table, tmp_path):
    table[1][["t", "count", "half"]].to_csv(tmp_path / "data.csv", index=False)
    columns = fill_file(tmp_path / "data.csv", tmp_path / "filled.csv", 0).columns
    assert [(c.name, c.n_gaps, c.n_hidden) for c in columns] == [("count", 4, 4), ("half", 4, 4)]
    assert all(column.error < 0.5 * column.usual for column in columns)


def test_without_gaps_the_file_is_the_same(tmp_path, capsys):
    content = "".join(f"{n},{n * n}\n" for n in range(20)).encode()
    (tmp_path / "data.csv").write_bytes(b"a,b\n" + content)
    assert main(["impute", str(tmp_path / "data.csv")]) == 0
    assert "no gap that can be filled" in " ".join(capsys.readouterr().out.split())
    assert (tmp_path / "data.filled.csv").read_bytes() == b"a,b\n" + content


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.csv"], "nothing.csv"),
        (["data.txt"], "data.txt has the suffix '.txt'; use .csv"),
        (["data.csv", "-o", "filled.parquet"], "Name a file that ends in .csv"),
        (["data.csv", "-o", "data.csv"], "-o data.csv is the file that is filled. Name another"),
        (["short.csv"], "short.csv has 3 rows; 8 are needed"),
        (["infinite.csv"], "infinite.csv holds inf in column b, row 2. Replace it by a number"),
        (["numbers.npy"], r"numbers.npy holds an array of shape \(9,\)"),
    ],
)
def test_what_cannot_be_filled_is_one_line(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    for name in ("data.csv", "data.txt"):
        (tmp_path / name).write_text("a,b\n" + "1,2\n" * 9)
    (tmp_path / "short.csv").write_text("a,b\n" + "1,2\n" * 3)
    (tmp_path / "infinite.csv").write_text("a,b\n1,2\n1,inf\n" + "1,2\n" * 9)
    np.save(tmp_path / "numbers.npy", np.arange(9))
    assert main(["impute", *arguments]) == 2
    error = capsys.readouterr().err
    assert re.search(message, error)
    assert error.count("\n") == 1
