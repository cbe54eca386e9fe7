"""Write a model in each kind of file, in the format of today: ``python -m tests.data.make``.

Run it once when ``skae._base.state.FORMAT_VERSION`` is raised. Files of older formats stay.
"""

import pickle
from pathlib import Path

import numpy as np
import skops.io
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skae._base.state import FORMAT_VERSION
from skae.persistence import save_safetensors
from tests.persistence.models import MODELS
from tests.persistence.mutants import X

FOLDER = Path(__file__).parent


def main() -> None:
    folder = FOLDER / f"format-{FORMAT_VERSION}"
    folder.mkdir()
    plain, denoising = clone(MODELS["plain"]).fit(X), clone(MODELS["denoising, object"]).fit(X)
    conv = clone(MODELS["convolutional"]).fit(X)
    pipeline = make_pipeline(StandardScaler(), clone(MODELS["denoising, object"])).fit(X)
    (folder / "plain.pickle").write_bytes(pickle.dumps(plain))
    save_safetensors(denoising, folder / "denoising.safetensors")
    save_safetensors(conv, folder / "conv.safetensors")
    skops.io.dump(conv, folder / "conv.skops")
    skops.io.dump(pipeline, folder / "pipeline.skops")
    np.savez(
        folder / "codes.npz",
        X=X,
        **{
            "plain.pickle": plain.transform(X),
            "denoising.safetensors": denoising.transform(X),
            "conv.safetensors": conv.transform(X),
            "conv.skops": conv.transform(X),
            # A pipeline around a denoiser ends in predict.
            "pipeline.skops": pipeline.predict(X),
        },
    )


if __name__ == "__main__":
    main()
