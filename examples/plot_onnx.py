"""
A Pipeline as an ONNX graph
===========================

A fitted model can leave Python: as an ONNX graph it runs in ONNX Runtime, with neither torch nor
scikit-learn there. ``pip install 'skae[onnx]'`` brings what is needed to make one.
"""

# %%
# One method of one estimator
# ---------------------------
#
# :func:`~skae.persistence.to_onnx` makes a graph of ``transform``, ``inverse_transform`` or
# ``reconstruct``. The graph takes any number of rows.

import numpy as np
import onnxruntime
from sklearn.datasets import load_digits

from skae import AutoencoderTransformer
from skae.persistence import to_onnx

X, y = load_digits(return_X_y=True)
X = X.astype(np.float32)
model = AutoencoderTransformer(9, hidden_layer_sizes=(128,), max_iter=30, random_state=0).fit(X)

graph = to_onnx(model, "reconstruct")
session = onnxruntime.InferenceSession(graph.SerializeToString())
(reconstruction,) = session.run(["reconstruction"], {"X": X})

difference = np.abs(reconstruction - model.reconstruct(X)).max()
print(f"{len(graph.SerializeToString()) / 1024:.0f} KiB, {len(graph.graph.node)} operations")
print(f"largest difference: {difference:.1e}, of pixels from 0 to 16")

# %%
# Encoder and decoder can be graphs of their own. Here the first writes the codes and the second
# reads them, both in ONNX Runtime; the display takes the arrays as they are.

from skae.plotting import ReconstructionDisplay

encoder = onnxruntime.InferenceSession(to_onnx(model, "transform").SerializeToString())
decoder = onnxruntime.InferenceSession(to_onnx(model, "inverse_transform").SerializeToString())
(codes,) = encoder.run(["codes"], {"X": X[:10]})
(digits,) = decoder.run(["reconstruction"], {"codes": codes})
ReconstructionDisplay(X[:10], codes, digits, (8, 8)).plot()

# %%
# A whole Pipeline
# ----------------
#
# skl2onnx turns Pipelines into graphs. :func:`~skae.persistence.register_onnx_converters` teaches
# it the estimators of skae, once in a process; scaler, autoencoder and classifier then become one
# graph.

from skl2onnx import to_onnx as pipeline_to_onnx
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skae.persistence import register_onnx_converters

pipeline = make_pipeline(
    StandardScaler(),
    AutoencoderTransformer(16, hidden_layer_sizes=(128,), max_iter=30, random_state=0),
    LogisticRegression(max_iter=1000),
).fit(X, y)

register_onnx_converters()
graph = pipeline_to_onnx(pipeline, X[:1], options={"zipmap": False})
session = onnxruntime.InferenceSession(graph.SerializeToString())
labels, probabilities = session.run(None, {"X": X})

print(f"same labels: {(labels == pipeline.predict(X)).mean():.2%}")
difference = np.abs(probabilities - pipeline.predict_proba(X)).max()
print(f"probabilities differ by at most {difference:.1e}")

# %%
# What is in the graph:

print(" -> ".join(node.op_type for node in graph.graph.node))

# %%
# Write ``graph.SerializeToString()`` to a file and it can be served. What ONNX promises and what
# it does not, beside the other formats: :doc:`/persistence`.
