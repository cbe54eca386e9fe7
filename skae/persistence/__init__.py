"""Models in files: safetensors, and what skops and ONNX need. See ``docs/persistence.md``."""

from skae.persistence._classes import SKOPS_TRUSTED_TYPES
from skae.persistence._onnx import register_onnx_converters, to_onnx
from skae.persistence._open import load_model
from skae.persistence._safetensors import load_safetensors, save_safetensors

__all__ = [
    "SKOPS_TRUSTED_TYPES",
    "load_model",
    "load_safetensors",
    "register_onnx_converters",
    "save_safetensors",
    "to_onnx",
]
