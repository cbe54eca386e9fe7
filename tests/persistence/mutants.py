"""Damage to valid files: bytes anywhere, and content whose checksum was made to fit again."""

import io
import json
import zipfile

import numpy as np
import skops.io
from safetensors.numpy import load, save
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skae import AutoencoderTransformer
from skae._tensor_file import _checksum
from skae.persistence import load_model
from tests.persistence.models import MODELS

X = np.random.default_rng(0).normal(size=(40, 8)).astype(np.float32)


def trainee(path):
    return AutoencoderTransformer(
        3, hidden_layer_sizes=(6,), max_iter=2, random_state=0, checkpoint=path
    )


def write(kind, path):
    """Write a valid file of the kind."""
    if kind == "checkpoint":
        trainee(path).fit(X)
    elif kind == "skops":
        skops.io.dump(make_pipeline(StandardScaler(), clone(MODELS["denoising"])).fit(X), path)
    else:
        from skae.persistence import save_safetensors

        save_safetensors(clone(MODELS["convolutional"]).fit(X), path)


def outcome(kind, path):
    """What the file makes of X."""
    model = trainee(path).fit(X) if kind == "checkpoint" else load_model(path)
    return model.transform(X)


def damage(content: bytes, rng: np.random.Generator) -> bytes:
    """Change bytes: flip, overwrite, cut out, insert, repeat, swap, zero or truncate."""
    data = bytearray(content)
    n_changes = int(rng.integers(1, 4))
    for _ in range(n_changes):
        # The headers at both ends are short beside the arrays; they get half of the changes.
        size = len(data) if rng.random() < 0.5 else min(len(data), 600)
        at = int(rng.integers(size))
        if rng.random() < 0.3:
            at = len(data) - 1 - at
        length = int(rng.integers(1, 40))
        piece = bytes(data[at : at + length])
        match rng.integers(8):
            case 0:
                data[at] ^= 1 << int(rng.integers(8))
            case 1:
                data[at : at + length] = rng.bytes(len(piece))
            case 2:
                del data[at : at + length]
            case 3:
                data[at:at] = rng.bytes(length)
            case 4:
                data[at:at] = piece
            case 5:
                other = int(rng.integers(len(data)))
                data[other : other + len(piece)] = piece
            case 6:
                data[at : at + length] = bytes(len(piece))
            case 7:
                del data[max(1, at) :]
    return bytes(data)


def change_value(value, rng):
    """Another value in the place of one somewhere in nested JSON."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = list(value)[int(rng.integers(len(value)))]
        if rng.random() < 0.1:
            return {name: inner for name, inner in value.items() if name != key}
        return {**value, key: change_value(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.9:
        at = int(rng.integers(len(value)))
        return [*value[:at], change_value(value[at], rng), *value[at + 1 :]]
    others = [None, True, -1, 0, 1, 3, 10**12, 1e308, float("nan"), "", "transform", [], {}, [[]]]
    return others[int(rng.integers(len(others)))]


def change_array(array: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    match rng.integers(5):
        case 0:
            return array.reshape(-1)
        case 1:
            return array.astype(np.float64 if array.dtype != np.float64 else np.float32)
        case 2:
            return np.full_like(array, np.nan if array.dtype.kind == "f" else 1)
        case 3:
            return np.concatenate([array.reshape(-1), array.reshape(-1)])
        case _:
            return np.zeros_like(array)


def forge(kind: str, content: bytes, rng: np.random.Generator) -> bytes:
    """Change what a file says, and sign it again so that every checksum fits."""
    if kind == "skops":
        source = zipfile.ZipFile(io.BytesIO(content))
        members = {name: source.read(name) for name in source.namelist()}
        name = list(members)[int(rng.integers(len(members)))]
        if name == "schema.json" or rng.random() < 0.5:
            schema = json.loads(members["schema.json"])
            members["schema.json"] = json.dumps(change_value(schema, rng)).encode()
        else:
            members[name] = damage(members[name], rng)
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            for name, member in members.items():
                archive.writestr(name, member)
        return target.getvalue()
    arrays = dict(load(content))
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    description = json.loads(header["__metadata__"]["skae"])
    if rng.random() < 0.5:
        description = change_value(description, rng)
    else:
        name = list(arrays)[int(rng.integers(len(arrays)))]
        array = arrays.pop(name)
        new_name = name if rng.random() < 0.7 else name + "x"
        arrays[new_name] = np.ascontiguousarray(change_array(array, rng))
    words = json.dumps(description)
    return save(arrays, {"skae": words, "sha256": _checksum(arrays, words)})
