"""The documentation: every public name described, code that runs, links that lead somewhere."""

import doctest
import importlib
import importlib.util
import inspect
import os
import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
BUILT = DOCS / "_build" / "html"
MODULES = [
    "skae", "skae.architectures", "skae.callbacks", "skae.comparison", "skae.corruption",
    "skae.datasets", "skae.losses", "skae.persistence", "skae.plotting",
]  # fmt: skip
PAGES_WITH_CODE = [
    ROOT / "README.md",
    DOCS / "getting_started.md",
    DOCS / "index.md",
    DOCS / "new_estimator.md",
    *sorted((DOCS / "user_guide").glob("*.md")),
]


def public_names():
    for name in MODULES:
        module = importlib.import_module(name)
        named = getattr(module, "__all__", None)
        if named is None:
            named = [n for n, v in vars(module).items() if getattr(v, "__module__", "") == name]
        yield from (f"{name}.{one}" for one in named if one[0] != "_")


def public_objects():
    """Classes and functions with their methods: (path, whether it is a name of its own)."""
    for path in public_names():
        module, name = path.rsplit(".", 1)
        value = getattr(importlib.import_module(module), name)
        if not (inspect.isclass(value) or inspect.isfunction(value)):
            continue
        yield path, True
        for method in dir(value) if inspect.isclass(value) else ():
            function = inspect.getattr_static(value, method)
            function = getattr(function, "__func__", function)
            is_ours = (getattr(function, "__module__", None) or "").startswith("skae")
            if method[0] != "_" and callable(function) and is_ours:
                yield f"{path}.{method}", False


PUBLIC_OBJECTS = list(public_objects())


def test_public_objects_are_found():
    assert len(PUBLIC_OBJECTS) > 80
    assert ("skae.AutoencoderTransformer.fit", False) in PUBLIC_OBJECTS


@pytest.mark.parametrize(("path", "is_name"), PUBLIC_OBJECTS)
def test_docstring_is_valid(path, is_name):
    """The checks of pyproject.toml; an example is asked of names, not of methods."""
    validate = pytest.importorskip("numpydoc.validate").validate
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    left_out = set(settings["tool"]["numpydoc_validation"]["checks"]) - {"all"}
    if not is_name:
        left_out.add("EX01")
    errors = [error for error in validate(path)["errors"] if error[0] not in left_out]
    assert not errors


@pytest.mark.parametrize("path", list(public_names()))
def test_public_name_is_in_the_reference(path):
    words = set(re.findall(r"\w+", (DOCS / "api" / "index.rst").read_text()))
    assert path.rsplit(".", 1)[1] in words


def blocks(text):
    """Code of the page and the line that it begins on: ("python" or "pycon", code, line)."""
    for match in re.finditer(r"^```(python|pycon)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield match[1], match[2], text[: match.start()].count("\n") + 2


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, id=page.name, marks=() if page.name == "README.md" else pytest.mark.slow)
        for page in PAGES_WITH_CODE
    ],
)
def test_code_of_the_page_runs(page, tmp_path, monkeypatch):
    """From the top to the bottom, in one namespace; what is shown is what comes out."""
    pytest.importorskip("matplotlib").use("agg")
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "page"}
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    for kind, code, line in blocks(page.read_text()):
        if kind == "python":
            exec(compile("\n" * (line - 1) + code, str(page), "exec"), names)
            continue
        test = doctest.DocTestParser().get_doctest(code, names, page.name, str(page), line)
        printed: list[str] = []
        runner = doctest.DocTestRunner(verbose=False, optionflags=flags)
        result = runner.run(test, out=printed.append, clear_globs=False)
        names.update(test.globs)
        assert not result.failed, "".join(printed)


def test_tables_of_the_readme_are_those_that_were_measured():
    """No figure of them is typed: ``python docs/_ext/readme.py`` writes them."""
    spec = importlib.util.spec_from_file_location("readme", DOCS / "_ext" / "readme.py")
    readme = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(readme)
    text = (ROOT / "README.md").read_text()
    marks = re.findall(r"<!-- measured: (\w+) -->", text)
    assert sorted(marks) == sorted(readme.TABLES)
    assert readme.with_measured_tables(text) == text
    typed = readme.MARK.sub(r"\g<1>| 0.00 |\n", text)
    assert typed != text
    assert readme.with_measured_tables(typed) == text


def test_bars_are_as_long_as_what_was_measured(monkeypatch):
    pytest.importorskip("sphinx")
    monkeypatch.syspath_prepend(DOCS / "_ext")
    charts = importlib.import_module("charts")
    for name, groups_of in charts.CHARTS.items():
        groups = groups_of(charts.read(name)["results"])
        assert all(any(bar.is_ours for bar in bars) for _, bars in groups)
        widths = [float(w) for w in re.findall(r"width: ([\d.]+)%", charts.draw(groups))]
        values = [bar.value for _, bars in groups for bar in bars]
        assert widths == pytest.approx([100 * v / max(values) for v in values], abs=0.06)


def test_commands_of_the_readme_name_what_is_there():
    """Scripts, tests and pages, and extras of pyproject.toml."""
    text = (ROOT / "README.md").read_text()
    paths = set(re.findall(r"\b(?:benchmarks|tests|docs)/[\w/.-]+\.(?:py|md|png)", text))
    assert len(paths) > 20
    missing = [path for path in paths if not (ROOT / path).is_file()]
    assert not missing
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    named = re.findall(r"pip install '(?:\.|skae)\[([\w,]+)\]'", text)
    assert {name for names in named for name in names.split(",")} <= extras.keys()


def test_every_promise_names_tests_that_exist():
    rows = (DOCS / "user_guide" / "promises.md").read_text().splitlines()
    classes = (ROOT / "tests" / "test_promises.py").read_text()
    for promise in [row for row in rows if row.startswith("| ")][1:]:
        names = re.findall(r"`([^`]+)`", promise.split("|")[-2])
        assert names, promise
        for name in names:
            is_there = f"class {name}:" in classes or (ROOT / "tests" / name).is_file()
            assert is_there, promise


class Page(HTMLParser):
    """What a page can be linked to by, and what it links to."""

    def __init__(self, path):
        super().__init__()
        self.anchors = {""}
        self.links = []
        self.assets = []
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.anchors |= {values[key] for key in ("id", "name") if values.get(key)}
        self.links += [values[key] for key in ("href", "src") if values.get(key)]
        for part in (values.get("srcset") or "").split(","):
            self.links += part.split()[:1]
        if tag in ("script", "img", "iframe"):
            self.assets += [values["src"]] if "src" in values else []
        elif tag == "link" and values.get("rel") in ("stylesheet", "preload", "icon"):
            self.assets.append(values["href"])


@pytest.mark.slow
@pytest.mark.skipif(not (BUILT / "index.html").exists(), reason="make docs has not run")
def test_links_of_the_built_pages():
    paths = [p for p in BUILT.rglob("*.html") if "_static" not in p.relative_to(BUILT).parts]
    pages = {path.resolve(): Page(path) for path in paths}
    n_links, broken = 0, set()
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            n_links += 1
            to = path
            if parts.path:
                to = Path(os.path.normpath(path.parent / unquote(parts.path)))
            anchor = unquote(parts.fragment)
            is_there = to.is_file() and (to not in pages or anchor in pages[to].anchors)
            if not is_there:
                broken.add(f"{path.relative_to(BUILT.resolve())}: {link}")
    assert not broken, "\n".join(sorted(broken))
    assert len(pages) > 50
    assert n_links > 3000
    print(f"{len(pages)} pages, {n_links} internal links")


@pytest.mark.slow
@pytest.mark.skipif(not (BUILT / "index.html").exists(), reason="make docs has not run")
def test_built_pages_ask_no_other_host_for_anything():
    """Pages can be read without a network: no script, style, font or picture is elsewhere."""
    for path in BUILT.rglob("*.html"):
        elsewhere = [asset for asset in Page(path).assets if urlsplit(asset).netloc]
        assert not elsewhere, path
