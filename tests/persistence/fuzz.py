"""Open mutants of a valid file: ``python -m tests.persistence.fuzz KIND N FOLDER``.

Prints as JSON how many were refused or loaded, and what went wrong: another output without an
error, an error of a type that a caller does not expect, more than a second, or code that was run.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np

from tests.persistence.mutants import damage, forge, outcome, write

# NumPy parses the header of an array with ast.literal_eval, which compiles and does not run.
RUNS_CODE = ("exec", "import", "os.system", "subprocess.Popen", "pickle.find_class")


def main(kind: str, n_mutants: str, folder: str) -> None:
    warnings.simplefilter("ignore")
    path = Path(folder) / f"model.{kind}"
    write(kind, path)
    content = path.read_bytes()
    expected = outcome(kind, path)
    # A clean load has imported by now all that it needs.
    events: list[str] = []
    sys.addaudithook(lambda event, _: events.append(event) if event in RUNS_CODE else None)
    counts = {"mutants": 0, "refused": 0, "same": 0, "forged and loaded": 0, "slowest": 0.0}
    wrong: list[str] = []
    for seed in range(int(n_mutants)):
        rng = np.random.default_rng(seed)
        is_forged = seed % 3 == 0
        mutant = forge(kind, content, rng) if is_forged else damage(content, rng)
        path.write_bytes(mutant)
        counts["mutants"] += 1
        events.clear()
        begun = time.perf_counter()
        try:
            values = outcome(kind, path)
        except (ValueError, OSError):
            counts["refused"] += 1
        except Exception as error:
            if is_forged and kind == "skops":
                # A forged Pipeline is refused by scikit-learn, in words of its own.
                counts["refused"] += 1
                continue
            wrong.append(f"seed {seed}: {error!r}")
        else:
            if np.array_equal(values, expected):
                counts["same"] += 1
            elif is_forged and np.isfinite(values).all():
                counts["forged and loaded"] += 1
            else:
                wrong.append(f"seed {seed}: another output")
        seconds = time.perf_counter() - begun
        ran = sorted(set(events))
        counts["slowest"] = round(max(counts["slowest"], seconds), 3)
        if seconds > 1:
            wrong.append(f"seed {seed}: {seconds:.1f} s")
        if ran:
            wrong.append(f"seed {seed}: ran {ran}")
    print(json.dumps({**counts, "wrong": wrong}))


if __name__ == "__main__":
    main(*sys.argv[1:])
