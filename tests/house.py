"""The structure of the package, read from its source: ``python -m tests.house [FOLDER]``.

A room is a folder of ``skae/`` or a file on its top floor. Prints levels of imports, imports
between rooms, files, functions and comments; ``tests/test_house.py`` says what they may be.
"""

import ast
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

PACKAGE = Path(__file__).parents[1] / "skae"
DIRECTIVES = ("# fmt:", "# noqa", "# type:")
"""Comments that are for tools."""


@dataclass
class File:
    """One file: what it imports, and the private names that it uses and has."""

    path: Path
    package: Path
    n_lines: int = 0
    n_comments: int = 0
    imports: set[str] = field(default_factory=set)
    uses: list[str] = field(default_factory=list)
    has: set[str] = field(default_factory=set)
    functions: dict[str, int] = field(default_factory=dict)

    def __post_init__(self):
        text = self.path.read_text()
        tree = ast.parse(text)
        self.n_lines = len(text.splitlines())
        with self.path.open("rb") as file:
            tokens = tokenize.tokenize(file.readline)
            comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
            self.n_comments = sum(not comment.startswith(DIRECTIVES) for comment in comments)
        for node in ast.walk(tree):
            self._read(node)

    @property
    def room(self) -> str:
        parts = self.path.relative_to(self.package).with_suffix("").parts
        return parts[0]

    def _read(self, node: ast.AST) -> None:
        name = self.package.name
        if isinstance(node, ast.Import):
            self.imports |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            for alias in node.names:
                whole = f"{module}.{alias.name}"
                is_file = module.split(".")[0] == name and self._is_module(whole)
                self.imports.add(whole if is_file else module)
                if module.split(".")[0] == name and not is_file:
                    self.uses += _private(alias.name)
        elif isinstance(node, ast.Attribute):
            if ast.unparse(node.value) not in ("self", "cls", "super()"):
                self.uses += _private(node.attr)
            elif isinstance(node.ctx, ast.Store):
                self.has |= set(_private(node.attr))
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            self.has |= set(_private(node.name))
            if isinstance(node, ast.FunctionDef):
                self.functions[f"{self.room}:{node.name}"] = _body_lines(node)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            self.has |= set(_private(node.id))

    def _is_module(self, name: str) -> bool:
        path = self.package.parent.joinpath(*name.split("."))
        return path.is_dir() or path.with_suffix(".py").exists()


def read(package: Path = PACKAGE) -> list[File]:
    """Read every file of a package."""
    return [File(path, package) for path in sorted(package.rglob("*.py"))]


def arrows(files: list[File]) -> Iterator[tuple[File, str, str]]:
    """Every import of another room: (file, room, what is imported)."""
    for file in files:
        for imported in sorted(file.imports):
            parts = imported.split(".")
            if parts[0] == file.package.name:
                room = parts[1] if len(parts) > 1 else "__init__"
                if room != file.room:
                    yield file, room, imported


def foreign_names(files: list[File]) -> Iterator[tuple[File, str]]:
    """Every use of what is private to another room: a name, or a file in its folder."""
    has: dict[str, set[str]] = {}
    for file in files:
        has.setdefault(file.room, set()).update(file.has)
    for file in files:
        others = set().union(*(names for room, names in has.items() if room != file.room))
        foreign = others - has[file.room]
        yield from ((file, name) for name in file.uses if name in foreign)
    for file, _, imported in arrows(files):
        if any(part.startswith("_") for part in imported.split(".")[2:]):
            yield file, imported


def levels(files: list[File]) -> dict[str, int]:
    """How many imports deep each room stands: 0 imports no other."""
    below: dict[str, set[str]] = {file.room: set() for file in files}
    for file, room, _ in arrows(files):
        below[file.room].add(room)
    found: dict[str, int] = {}

    def level(room: str, path: tuple[str, ...] = ()) -> int:
        if room in path:
            raise ValueError("rooms in a circle: " + " -> ".join([*path, room]))
        if room not in found:
            found[room] = 1 + max((level(one, (*path, room)) for one in below[room]), default=-1)
        return found[room]

    for room in below:
        level(room)
    return found


def _private(name: str) -> list[str]:
    return [name] if name.startswith("_") and not name.startswith("__") else []


def _body_lines(function: ast.FunctionDef) -> int:
    """Lines of a function without its signature and its docstring."""
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def main(folder: str | Path = PACKAGE) -> None:
    """Print the figures of a package."""
    files = read(Path(folder).resolve())
    functions = {name: n for file in files for name, n in file.functions.items()}
    longest = max(functions, key=functions.get)
    n_lines, n_comments = sum(f.n_lines for f in files), sum(f.n_comments for f in files)
    largest = max(files, key=lambda file: file.n_lines)
    try:
        print("levels of imports:", max(levels(files).values()) + 1)
    except ValueError as error:
        print(error)
    print("rooms that import a room:", len({(f.room, room) for f, room, _ in arrows(files)}))
    print("imports between rooms:", sum(1 for _ in arrows(files)))
    print("files on the top floor:", sum(f.path.parent == f.package for f in files))
    print("uses of another room's private names:", len(list(foreign_names(files))))
    typical = median(functions.values())
    print(f"longest function: {longest}, {functions[longest]} lines; median {typical:g}")
    print("comments:", n_comments, f"of {n_lines} lines, {n_comments / n_lines:.1%}")
    print("largest file:", largest.path.name, largest.n_lines)


if __name__ == "__main__":
    main(*sys.argv[1:])
