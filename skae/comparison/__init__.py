"""``skae compare``: PCA and the autoencoder side by side on the same rows, and the report."""

from skae.comparison._measure import Result, compare
from skae.comparison._report import print_table, write_report
from skae.comparison._tables import Table, mnist_sample, read_table

__all__ = [
    "Result",
    "Table",
    "compare",
    "mnist_sample",
    "print_table",
    "read_table",
    "write_report",
]
