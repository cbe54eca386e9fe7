"""The main job, as a user runs it."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
import skops.io
from sklearn.datasets import load_wine
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skae import AutoencoderTransformer, DenoisingAutoencoder, SupervisedAutoencoder
from skae.cli import main
from skae.persistence import save_safetensors

pandas = pytest.importorskip("pandas")
pytest.importorskip("matplotlib")


@pytest.fixture
def wine(tmp_path):
    frame = load_wine(as_frame=True).frame
    frame["cultivar"] = frame.pop("target").map({0: "a", 1: "b", 2: "c"})
    frame["comment"] = "none"
    frame.to_csv(tmp_path / "wine.csv", index=False)
    frame.to_parquet(tmp_path / "wine.parquet")
    np.save(tmp_path / "wine.npy", frame.drop(columns=["cultivar", "comment"]).to_numpy(float))
    return tmp_path


@pytest.mark.parametrize("suffix", ["csv", "parquet", "npy"])
def test_own_table(wine, suffix, capsys):
    target = [] if suffix == "npy" else ["--target", "cultivar"]
    arguments = ["compare", str(wine / f"wine.{suffix}"), *target, "--n-components", "2", "4"]
    assert main([*arguments, "--max-iter", "3", "--output", str(wine / "out")]) == 0
    printed = capsys.readouterr().out
    assert "autoencoder with 4 components" in printed
    assert "Fits for all 2 sizes took " in printed.replace("\n", " ")
    report = json.loads((wine / "out" / "report.json").read_text())
    methods = [(r["method"], r["n_components"]) for r in report["results"]]
    names = ("PCA", "autoencoder", "ordered")
    assert methods == [(name, size) for size in (2, 4) for name in names]
    seconds = [r["fit_seconds"] for r in report["results"] if r["method"] == "ordered"]
    assert seconds == 2 * [report["search_seconds"]["ordered"]]  # one fit, cut twice
    if target:
        assert all(r["accuracy"] > 0.7 for r in report["results"])
        assert "Left out, empty: comment." in report["notes"]
    page = (wine / "out" / "report.html").read_text()
    assert page.count("data:image/png;base64,") == 8  # four pictures, on light and on dark paper
    assert "On held-out rows the autoencoder's squared error is" in printed.replace("\n", " ")
    assert printed.splitlines()[-1] == f"Open {(wine / 'out' / 'report.html').as_uri()}"
    words = re.sub("base64,[^\"']*", "", page)  # letters of a picture may happen to be these
    assert "http" not in words.replace("http-equiv", "")


def test_bundled_digits_as_a_command(tmp_path):
    command = [sys.executable, "-m", "skae", "compare", "--n-components", "2", "--max-iter", "1"]
    done = subprocess.run(
        [*command, "--output", str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "MNIST sample" in done.stdout
    assert (tmp_path / "report.html").read_text().count("data:image/png;base64,") == 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.csv"], "nothing.csv"),
        (["wine.txt"], "'.txt'"),
        (["wine.csv", "--target", "grape"], "'grape' is not a column"),
        (["wine.csv", "--n-components", "99"], "99 is not between 1 and 16"),
        (["narrow.csv"], "1 columns to compare on; 2 are needed. Left out, constant: width"),
        (["--target", "digit"], "--target goes with a file"),
        (["wine.csv", "--output", "wine.npy"], "--output wine.npy is a file. Name a folder"),
        (["wine.csv", "--max-iter", "0"], "The 'max_iter' parameter"),
        (["gaps.csv", "--target", "grape"], "gaps.csv has 3 rows with a grape; 8 are needed"),
    ],
)
def test_bad_input_is_one_line(wine, arguments, message, capsys, monkeypatch):
    monkeypatch.chdir(wine)
    (wine / "wine.txt").touch()
    frame = pandas.DataFrame(np.ones((9, 2)), columns=["width", "height"])
    frame.loc[3, "height"] = None
    frame.to_csv("narrow.csv", index=False)
    rows = pandas.DataFrame(np.random.default_rng(0).normal(size=(9, 2)), columns=["a", "b"])
    rows.assign(grape=["x"] * 3 + [None] * 6).to_csv("gaps.csv", index=False)
    assert main(["compare", *arguments]) == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert printed.count("\n") == 1


def test_denoise_prints_the_table_and_draws_the_picture(tmp_path, capsys):
    picture = tmp_path / "new" / "digits.png"
    arguments = ["denoise", "--noise", "masking", "--noise-level", "0.5", "--n-components", "32"]
    assert main([*arguments, "--max-iter", "2", "-o", str(picture)]) == 0
    lines = capsys.readouterr().out.splitlines()
    decibels = {line.split(":")[0].split(",")[0]: float(line.split()[-2]) for line in lines[:5]}
    assert list(decibels) == [
        "noisy digits", "median filter", "PCA", "linear (ridge)", "DenoisingAutoencoder"
    ]  # fmt: skip
    assert decibels["DenoisingAutoencoder"] > decibels["PCA"] > decibels["noisy digits"]
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--noise", "pink"], "--noise pink is not one of gaussian, masking"),
        (["--noise", "masking", "--noise-level", "2"], "must be a number >= 0 and <= 1"),
    ],
)
def test_denoise_refuses_what_it_cannot_do(arguments, words, capsys):
    assert main(["denoise", *arguments]) == 2
    assert words in capsys.readouterr().err


class TestDenoiseAFile:
    @pytest.fixture
    def noisy(self, X, tmp_path):
        images = X.reshape(-1, 2, 4)
        np.save(tmp_path / "images.npy", images)
        return images

    @pytest.fixture
    def denoiser(self):
        return DenoisingAutoencoder(3, hidden_layer_sizes=(8,), max_iter=2, random_state=0)

    @pytest.mark.parametrize("suffix", ["skops", "safetensors"])
    @pytest.mark.parametrize("output", [None, "clean.npy"])
    def test_images_come_back_as_images(self, noisy, denoiser, X, tmp_path, suffix, output, capsys):
        path = tmp_path / f"model.{suffix}"
        save = {"skops": skops.io.dump, "safetensors": save_safetensors}[suffix]
        save(denoiser.fit(X), path)
        arguments = ["denoise", str(tmp_path / "images.npy"), "--model", str(path)]
        arguments += [] if output is None else ["-o", str(tmp_path / output)]
        assert main(arguments) == 0
        clean = np.load(tmp_path / (output or "images.clean.npy"))
        expected = denoiser.denoise(X).clip(X.min(), X.max())
        np.testing.assert_array_equal(clean, expected.reshape(noisy.shape))
        assert "200 rows cleaned" in capsys.readouterr().out

    def test_a_pipeline(self, noisy, denoiser, X, tmp_path):
        pipeline = make_pipeline(MinMaxScaler(), denoiser).fit(X)
        skops.io.dump(pipeline, tmp_path / "model.skops")
        arguments = ["denoise", str(tmp_path / "images.npy"), "--model"]
        assert main([*arguments, str(tmp_path / "model.skops")]) == 0
        clean = np.load(tmp_path / "images.clean.npy")
        expected = pipeline.predict(X).clip(X.min(), X.max())
        np.testing.assert_array_equal(clean.reshape(200, 8), expected)

    @pytest.mark.parametrize("dtype", ["uint8", "int16", "float16", "float64"])
    def test_dtype_and_range_are_those_of_the_file(self, denoiser, tmp_path, dtype, capsys):
        rng = np.random.default_rng(0)
        rows = rng.choice([0, 90, 200], size=(40, 8)).astype(dtype)
        skops.io.dump(denoiser.fit(rows), tmp_path / "model.skops")
        np.save(tmp_path / "rows.npy", rows)
        arguments = ["denoise", str(tmp_path / "rows.npy"), "--model"]
        assert main([*arguments, str(tmp_path / "model.skops")]) == 0
        clean = np.load(tmp_path / "rows.clean.npy")
        assert clean.dtype == dtype
        assert clean.min() >= 0
        assert clean.max() <= 200
        assert f"{dtype} from 0 to 200 as before" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("data", "model", "message"),
        [
            ("images.npy", None, "name its file after --model"),
            (None, "model.skops", "--model goes with a file"),
            ("images.npy", "nothing.skops", "nothing.skops"),
            ("images.npy", "model.pickle", "'.pickle'"),
            ("images.npy", "broken.skops", "not a model that can be opened"),
            ("images.npy", "broken.safetensors", "not a whole safetensors file"),
            ("images.npy", "plain.skops", "AutoencoderTransformer, which removes no noise"),
            ("images.csv", "model.skops", "'.csv'"),
            ("row.npy", "model.skops", "rows are needed"),
            ("wide.npy", "model.skops", "9 features"),
            ("images.npy", "classes.skops", "SupervisedAutoencoder, which removes no noise"),
        ],
    )
    def test_what_cannot_be_cleaned(
        self, noisy, denoiser, X, tmp_path, data, model, message, capsys
    ):
        skops.io.dump(denoiser.fit(X), tmp_path / "model.skops")
        classes = SupervisedAutoencoder(2, hidden_layer_sizes=(8,), max_iter=1)
        skops.io.dump(classes.fit(X, np.arange(len(X)) % 2), tmp_path / "classes.skops")
        plain = AutoencoderTransformer(3, hidden_layer_sizes=(8,), max_iter=2).fit(X)
        skops.io.dump(plain, tmp_path / "plain.skops")
        for name in ("broken.skops", "broken.safetensors"):
            (tmp_path / name).write_bytes(b"nonsense")
        np.save(tmp_path / "row.npy", np.zeros(8))
        np.save(tmp_path / "wide.npy", np.zeros((3, 9)))
        arguments = ["denoise"] + ([str(tmp_path / data)] if data else [])
        arguments += ["--model", str(tmp_path / model)] if model else []
        assert main(arguments) == 2
        assert message in capsys.readouterr().err

    def test_a_file_is_not_written_over_itself(self, noisy, denoiser, X, tmp_path, capsys):
        skops.io.dump(denoiser.fit(X), tmp_path / "model.skops")
        path = tmp_path / "images.npy"
        before = path.read_bytes()
        arguments = ["denoise", str(path), "--model", str(tmp_path / "model.skops")]
        assert main([*arguments, "-o", str(path)]) == 2
        assert "is the file that is cleaned" in capsys.readouterr().err
        assert path.read_bytes() == before
        assert main([*arguments, "-o", str(tmp_path / "new" / "clean.npy")]) == 0
        assert (tmp_path / "new" / "clean.npy").exists()


class TestImputeAFile:
    @pytest.mark.parametrize("name", ["v1.2.table [mm].csv", "v1.2.table [mm].csv.gz"])
    def test_names_of_any_kind(self, name, tmp_path, monkeypatch, capsys):
        monkeypatch.chdir(tmp_path)
        x = np.random.default_rng(0).normal(size=60)
        frame = pandas.DataFrame({"length [mm]": x, "rate [/h]": 2 * x})
        frame.loc[5:20, "rate [/h]"] = None
        frame.to_csv(name, index=False)
        assert main(["impute", name]) == 0
        printed = capsys.readouterr().out
        assert "rate [/h]" in printed
        filled = name.replace("[mm]", "[mm].filled")
        assert f"Written: {filled}" in printed
        assert not pandas.read_csv(filled).isna().any(axis=None)
        assert main(["impute", filled]) == 0
        assert f"{filled} has no gap" in capsys.readouterr().out.replace("\n", " ")
