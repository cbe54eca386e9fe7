"""What the commands measure and show: ``skae compare`` and ``skae denoise``."""

from skae.comparison._denoising import (
    Denoised,
    compare_denoisers,
    corrupt_digits,
    draw_denoisers,
    print_denoisers,
)
from skae.comparison._measure import Result, compare
from skae.comparison._progress import RunningMethod
from skae.comparison._report import print_table, write_report
from skae.comparison._tables import Table, mnist_sample, read_table
from skae.comparison._verdict import verdict

__all__ = [
    "Denoised",
    "Result",
    "RunningMethod",
    "Table",
    "compare",
    "compare_denoisers",
    "corrupt_digits",
    "draw_denoisers",
    "mnist_sample",
    "print_denoisers",
    "print_table",
    "read_table",
    "verdict",
    "write_report",
]
