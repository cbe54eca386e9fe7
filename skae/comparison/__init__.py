"""What the commands measure and show: ``skae compare``, ``skae impute`` and ``skae denoise``."""

from skae.comparison._denoising import (
    Denoised,
    compare_denoisers,
    corrupt_digits,
    draw_denoisers,
    print_denoisers,
)
from skae.comparison._filled_file import fill_file
from skae.comparison._filling import ColumnFilled, Filling, print_filling
from skae.comparison._measure import Result, compare
from skae.comparison._progress import RunningMethod
from skae.comparison._report import print_table, write_report
from skae.comparison._tables import Table, mnist_sample, read_table
from skae.comparison._verdict import verdict

__all__ = [
    "ColumnFilled",
    "Denoised",
    "Filling",
    "Result",
    "RunningMethod",
    "Table",
    "compare",
    "compare_denoisers",
    "corrupt_digits",
    "draw_denoisers",
    "fill_file",
    "mnist_sample",
    "print_denoisers",
    "print_filling",
    "print_table",
    "read_table",
    "verdict",
    "write_report",
]
