"""The link from an estimator's picture in a notebook to its documentation, with tooltips."""

import inspect
from pathlib import Path

BUILT = Path(__file__).parents[1] / "docs" / "_build" / "html" / "api" / "generated"


class DocLinkMixin:
    """What scikit-learn asks for a link, without which it shows no tooltips either.

    The page of a class is that of a checkout's built documentation. Where there is none, the file
    of the class has the same words.
    """

    _doc_link_module = "skae"

    @property
    def _doc_link_template(self) -> str:
        page = BUILT / f"skae.{type(self).__name__}.html"
        path = page if page.is_file() else Path(inspect.getfile(type(self)))
        return path.resolve().as_uri().replace("{", "{{").replace("}", "}}")
