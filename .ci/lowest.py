"""Print the lowest versions that pyproject.toml allows, as pip's constraints.

What only the tests need keeps the version of constraints.txt.
"""

import re
import tomllib
from pathlib import Path

tables = tomllib.loads(Path("pyproject.toml").read_text())
project = tables["project"]
extras = project["optional-dependencies"].values()
floors = {*project["dependencies"], *(name for extra in extras for name in extra)}
print(*sorted(floor.replace(">=", "==") for floor in floors), sep="\n")

known = {re.split("[>=]", floor)[0] for floor in floors}
tools = {re.split("[>=]", tool)[0] for tool in tables["dependency-groups"]["test"]} - known
for line in Path("constraints.txt").read_text().splitlines():
    if line.split("==")[0] in tools:
        print(line)
