"""How the package is built: imports run one way, private names stay in their room."""

import pytest

from tests.house import PACKAGE, arrows, foreign_names, levels, read

FLOORS = [
    {"_doc_link"},
    {"_version", "_tensor_file", "_checks", "_tables", "losses", "datasets"},
    {"corruption", "architectures"},
    {"_rows"},
    {"_linear", "_training"},
    {"_base"},
    {"_autoencoder", "_denoising", "_hidden", "_imputer", "_ordered", "_outliers", "_supervised"},
    {"__init__"},
    {"callbacks", "persistence", "plotting"},
    {"comparison"},
    {"cli"},
    {"__main__"},
]
"""From the ground up. A room imports from the floors below it."""

FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
MAX_LINES = 400
ONLY_IN = {"skorch": "_training"}


def faults(files):
    """All that is wrong with a package, in words."""
    for file, room, imported in arrows(files):
        if FLOOR[room] >= FLOOR[file.room]:
            yield f"{file.room} imports {imported}, which is not below it"
    for file, name in foreign_names(files):
        yield f"{file.room} uses {name}, which is private to another room"
    for file in files:
        if file.n_lines > MAX_LINES:
            yield f"{file.path.name} has {file.n_lines} lines"
        for library, room in ONLY_IN.items():
            if file.room != room and any(name.split(".")[0] == library for name in file.imports):
                yield f"{file.room} imports {library}"


FILES = read()


def test_every_room_has_a_floor():
    assert {file.room for file in FILES} == FLOOR.keys()


def test_nothing_is_wrong():
    assert not list(faults(FILES))


def test_no_circle_of_rooms():
    assert max(levels(FILES).values()) < len(FLOORS)


@pytest.mark.parametrize(
    ("room", "line", "fault"),
    [
        ("_rows", "from skae._training.net import train", "which is not below it"),
        ("_linear", "from skae._training.net import train", "which is not below it"),
        ("architectures", "import skae", "which is not below it"),
        ("_base", "def f():\n    from skae import AutoencoderTransformer", "which is not below it"),
        ("_base", "from skae.architectures._outline import initialize", "is private to another"),
        ("plotting", "def f(model):\n    return model._fitted_dtype", "is private to another"),
        ("plotting", "def f(model):\n    model._n_features_out = 3", "is private to another"),
        ("comparison", "from skae._tensor_file import _checksum", "is private to another"),
        ("_linear", "import skorch", "imports skorch"),
        ("_rows", "from skorch.callbacks import Callback", "imports skorch"),
        ("_rows", "x = 1\n" * 400, "has 401 lines"),
    ],
)
def test_each_fault_is_seen(room, line, fault, tmp_path):
    """In a copy of the package with one more file."""
    package = tmp_path / "skae"
    for path in PACKAGE.rglob("*.py"):
        copy = package / path.relative_to(PACKAGE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text())
    (package / room / "another.py").write_text(line + "\n")
    found = list(faults(read(package)))
    assert len(found) == 1
    assert fault in found[0]


def test_a_circle_is_seen(tmp_path):
    for room, other in (("one", "two"), ("two", "one")):
        (tmp_path / room).mkdir()
        (tmp_path / room / "file.py").write_text(f"import {tmp_path.name}.{other}.file\n")
    with pytest.raises(ValueError, match="rooms in a circle"):
        levels(read(tmp_path))
