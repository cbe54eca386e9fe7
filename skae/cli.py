"""The command line: ``skae compare``, ``skae impute`` and ``skae denoise``."""

import argparse
import sys
from pathlib import Path
from typing import Any

import skae

DEFAULT_SIZES = (2, 8, 32)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Parameters
    ----------
    arguments : list of str, default=None
        The words after ``skae``; None takes those of the process.

    Returns
    -------
    status : int
        0, or 2 after a message on standard error where the input cannot be used.

    Examples
    --------
    >>> main(["compare", "nothing.csv"])
    2
    """
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except (ValueError, OSError) as error:
        print(f"skae {options.command}: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        print(
            f"skae {options.command} needs {error.name}: pip install 'skae[cli]'", file=sys.stderr
        )
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="skae", description=skae.__doc__)
    parser.add_argument("--version", action="version", version=f"skae {skae.__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    _add_compare(commands)
    _add_impute(commands)
    _add_denoise(commands)
    return parser


def _add_compare(commands: Any) -> None:
    compare = commands.add_parser(
        "compare",
        help="PCA and the autoencoder side by side",
        description="Fit PCA and the autoencoder on the same rows at several sizes of the code, "
        "and one ordered autoencoder for all of them; print one table and write report.html and "
        "report.json. The autoencoders start from PCA and keep what has the least error of "
        "reconstruction on rows that they hold out; whether they are better on yours, or before a "
        "classifier, is what the table says.",
    )
    compare.add_argument(
        "data",
        nargs="?",
        type=Path,
        help="rows or images: a .csv, .tsv, .parquet, .npy or .npz file, or a packed .csv.gz; the "
        "bundled MNIST sample without one",
    )
    compare.add_argument(
        "--target", metavar="COLUMN", help="the column of classes, or of numbers to predict"
    )
    compare.add_argument(
        "--n-components",
        nargs="+",
        type=int,
        metavar="K",
        help="sizes of the code (default: 2 8 32, as far as they are below the columns)",
    )
    compare.add_argument(
        "--output",
        type=Path,
        default=Path("report"),
        metavar="DIR",
        help="folder of the report (default: report)",
    )
    _add_training(compare)
    compare.set_defaults(run=_compare)


def _add_impute(commands: Any) -> None:
    impute = commands.add_parser(
        "impute",
        help="fill the gaps of your table",
        description="Fill gaps, which are empty cells, names of gaps such as NA, None and ?, and a "
        "few words among numbers, with what the other cells of a row say of them, and write the "
        "file again: every other cell stays as it is, and words that are written over are named. A "
        "second fit, for which known cells are hidden, says how far the filled ones may be off.",
    )
    impute.add_argument("data", type=Path, help="a file of any kind that skae compare reads")
    impute.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="the filled file, of the same kind (default: data.filled.csv for data.csv)",
    )
    impute.add_argument("--random-state", type=int, default=0, help="seed (default: 0)")
    impute.set_defaults(run=_impute)


def _add_denoise(commands: Any) -> None:
    denoise = commands.add_parser(
        "denoise",
        help="remove noise from your images, or see it removed from digits",
        description="With a file of rows and a model: clean the rows, and write them in the dtype "
        "and within the range of the file. Without: corrupt the bundled digits, clean them with "
        "PCA, a linear denoiser, a median filter and a denoising autoencoder, print the PSNR of "
        "each and write a picture.",
    )
    denoise.add_argument(
        "data",
        nargs="?",
        type=Path,
        help="a .npy file of noisy rows or images; the bundled digits without one",
    )
    denoise.add_argument(
        "--model",
        type=Path,
        metavar="FILE",
        help="with a file: a fitted denoiser, saved as .skops or .safetensors",
    )
    denoise.add_argument(
        "--noise",
        default="impulse",
        metavar="KIND",
        help="gaussian, masking, salt_and_pepper, impulse, speckle, poisson or swap "
        "(default: impulse)",
    )
    denoise.add_argument(
        "--noise-level",
        type=float,
        metavar="LEVEL",
        help="its strength (default: 0.11 for impulse noise, else a range usual for the noise)",
    )
    denoise.add_argument(
        "--n-components", type=int, metavar="K", help="size of the code (default: 256 for digits)"
    )
    denoise.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="the picture (default: report/denoising.png), or the cleaned rows (default: the name "
        "of the file with .clean.npy)",
    )
    _add_training(denoise)
    denoise.set_defaults(run=_denoise)


def _add_training(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--max-iter",
        type=int,
        metavar="N",
        help="epochs of the autoencoder (default: as many as the rows ask for)",
    )
    command.add_argument(
        "--random-state", type=int, default=0, metavar="SEED", help="seed (default: 0)"
    )


def _compare(options: argparse.Namespace) -> int:
    # The extra's libraries are imported where they are needed, after the arguments are read.
    from rich.console import Console

    from skae import comparison

    _refuse_a_file(options.output)
    # What is compared on: the digits, or a file of the user's.
    if options.data is None:
        if options.target is not None:
            raise ValueError("--target goes with a file; the MNIST sample has its digits.")
        table = comparison.mnist_sample()
    else:
        table = comparison.read_table(options.data, options.target, options.random_state)
    # Sizes of the code that all methods can have.
    width = min(table.train.shape)
    usual = [size for size in DEFAULT_SIZES if size < min(width, table.n_columns)]
    sizes = list(dict.fromkeys(options.n_components or usual)) or [1]
    wrong = [size for size in sizes if not 1 <= size <= width]
    if wrong:
        raise ValueError(f"--n-components {wrong[0]} is not between 1 and {width}.")

    # A bar where somebody watches, lines where they are read later.
    console = Console()
    console.print(f"{table.name}. {' '.join(table.notes)}", markup=False, highlight=False)

    def on_result(result: comparison.Result) -> None:
        if not console.is_terminal:
            print(
                f"{result.method} with {result.n_components} "
                f"component{'' if result.n_components == 1 else 's'}: squared error "
                f"{result.squared_error:.4g}, fitted in {result.fit_seconds:.1f} s",
                flush=True,
            )

    with comparison.RunningMethod(console, 2 * len(sizes) + 1) as running:
        results = comparison.compare(
            table,
            sizes,
            "auto" if options.max_iter is None else options.max_iter,
            options.random_state,
            on_result,
            running.begin,
        )
    comparison.print_table(results, console if console.is_terminal else Console(width=80))
    console.print(comparison.verdict(results), highlight=False)
    page = comparison.write_report(table, results, options.output)
    print(f"Open {page.resolve().as_uri()}")
    return 0


def _impute(options: argparse.Namespace) -> int:
    from rich.console import Console

    from skae import comparison

    output = options.output
    if output is None:
        is_packed = options.data.suffix.lower() in (".gz", ".bz2", ".xz")
        suffixes = "".join(options.data.suffixes[-2 if is_packed else -1 :])
        name = options.data.name.removesuffix(suffixes)
        output = options.data.with_name(f"{name}.filled{suffixes}")
    _make_room(output)
    filling = comparison.fill_file(options.data, output, options.random_state)
    console = Console()
    if not filling.columns:
        console.print(
            f"{options.data} has no gap that can be filled.", markup=False, highlight=False
        )
    comparison.print_filling(filling, console if console.is_terminal else Console(width=80))
    print(f"Written: {output}")
    return 0


def _denoise(options: argparse.Namespace) -> int:
    if options.data is not None:
        return _clean_file(options)
    if options.model is not None:
        raise ValueError("--model goes with a file of rows to clean.")
    return _denoise_digits(options)


def _clean_file(options: argparse.Namespace) -> int:
    import numpy as np
    from sklearn.pipeline import Pipeline

    from skae.persistence import load_model

    if options.model is None:
        raise ValueError(
            f"{options.data} can be cleaned with a fitted model alone: name its file after --model."
        )
    # Nothing in the model's file is run; what it holds has to remove noise.
    model = load_model(options.model)
    last = model[-1] if isinstance(model, Pipeline) else model
    if not hasattr(last, "denoise"):
        raise ValueError(
            f"{options.model} holds a {type(last).__name__}, which removes no noise. Save a "
            "DenoisingAutoencoder."
        )
    output = options.output or options.data.with_suffix(".clean.npy")
    if output.exists() and output.samefile(options.data):
        raise ValueError(f"-o {output} is the file that is cleaned. Name another one.")
    _make_room(output)
    if options.data.suffix != ".npy":
        raise ValueError(f"{options.data} has the suffix {options.data.suffix!r}; use .npy.")
    rows = np.load(options.data, allow_pickle=False)
    if rows.ndim < 2:
        raise ValueError(f"{options.data} holds an array of shape {rows.shape}; rows are needed.")
    # Images are rows to the model, and in the file again images of the kind that they were.
    clean = _as_before(model.predict(rows.reshape(len(rows), -1)).reshape(rows.shape), rows)
    with output.open("wb") as file:  # np.save would add a suffix to a name without one
        np.save(file, clean)
    span = f"{rows.dtype} from {rows.min():g} to {rows.max():g} as before"
    print(f"{len(rows):,} rows cleaned, {span}: {output}")
    return 0


def _refuse_a_file(folder: Path) -> None:
    """Before anything is fitted: a report needs a folder."""
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"--output {folder} is a file. Name a folder.")


def _make_room(output: Path) -> None:
    """Before anything is fitted: a place for a file."""
    if output.is_dir():
        raise ValueError(f"-o {output} is a folder. Name a file.")
    output.parent.mkdir(parents=True, exist_ok=True)


def _as_before(clean: Any, rows: Any) -> Any:
    """Values of the dtype that the rows have, and within the range that they have."""
    clean = clean.clip(rows.min(), rows.max())
    if rows.dtype.kind != "f":
        clean = clean.round()
    return clean.astype(rows.dtype)


def _denoise_digits(options: argparse.Namespace) -> int:
    from rich.console import Console

    from skae import comparison

    # The default noise of the command has a level of its own, that of the founding example.
    level: float | str = "auto"
    if options.noise_level is not None:
        level = options.noise_level
    elif options.noise == "impulse":
        level = 0.11
    given = {
        name: getattr(options, name)
        for name in ("n_components", "max_iter")
        if getattr(options, name) is not None
    }
    digits = comparison.corrupt_digits(options.noise, level, options.random_state)
    autoencoder = skae.DenoisingAutoencoder(
        noise=options.noise, noise_level=level, random_state=options.random_state, **given
    )
    console = Console()

    def on_result(result: comparison.Denoised) -> None:
        if not console.is_terminal:
            print(f"{result.method}: {result.psnr:.2f} dB", flush=True)

    with comparison.RunningMethod(console, 5) as running:
        results = comparison.compare_denoisers(digits, autoencoder, on_result, running.begin)
    comparison.print_denoisers(results, console)
    picture = options.output or Path("report/denoising.png")
    comparison.draw_denoisers(digits, results, picture)
    print(f"Open {picture.resolve().as_uri()}")
    return 0
