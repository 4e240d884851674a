"""Weights on disk: read as numbers and never as a program, and checked before they are used."""

from __future__ import annotations

import hashlib
import io
import pickle
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch

from inference import torch_start
from inference.errors import UserError

torch_start.forbid_pickled_programs()

StateDict = dict[str, torch.Tensor]
MALFORMED = (
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    OverflowError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
)
"""What torch.load raises for damaged files, found by changing bytes of good ones."""

SHOWN = 3
"""How many disagreements an error names."""


def read_bytes(path: Path) -> bytes:
    """The whole file; raises UserError if it is missing or may not be read."""
    try:
        if not path.is_file() and path.exists():
            raise _damaged(path)  # a folder or a device, which might never end
        return path.read_bytes()
    except OSError as error:
        raise UserError(
            f"The weights {path.name} cannot be read: {error.strerror}.",
            "Check the file's place and your permission to read it.",
            path=str(path),
        ) from error


def digest(data: bytes) -> str:
    """SHA-256 in 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def parse(data: bytes, path: Path) -> StateDict:
    """The tensors of a .safetensors, .pth or .pt file; `path` only names it.

    A checkpoint that holds its weights under "state_dict" is unwrapped, and so are the names
    that DataParallel gives. Raises UserError for anything else, and for NaN or infinity.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise UserError(
            f"{path.name} is no file of weights that Lepton reads.",
            f"Weights come as {', '.join(READERS)}.",
            path=str(path),
        )
    weights = _unwrapped(reader(data, path), path)
    for key, tensor in weights.items():
        # As float32: some of the small formats know no test of their own.
        if tensor.is_floating_point() and not bool(tensor.float().isfinite().all()):
            raise UserError(
                f"The weights {path.name} hold numbers that are not finite, in {key}.",
                "Save the weights again from a training that did not diverge.",
                path=str(path),
            )
    return weights


def put_into(module: torch.nn.Module, weights: Mapping[str, torch.Tensor], path: Path) -> None:
    """Fill `module`; raises UserError naming the first keys or shapes that disagree."""
    wanted = module.state_dict()
    # Counters of batches seen came with later versions of torch and mean nothing in a prediction.
    missing = [key for key in wanted.keys() - weights.keys() if not _is_counter(key)]
    wrong = [f"{key} is missing" for key in sorted(missing)]
    wrong += [f"{key} is not in the architecture" for key in sorted(weights.keys() - wanted.keys())]
    wrong += [
        f"{key} is {_shape(weights[key])} instead of {_shape(tensor)}"
        for key, tensor in wanted.items()
        if key in weights and weights[key].shape != tensor.shape
    ]
    if wrong:
        more = f", and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise UserError(
            f"The weights {path.name} do not fit: {', '.join(wrong[:SHOWN])}{more}.",
            "Check the architecture, its arguments and the number of labels.",
            path=str(path),
        )
    module.load_state_dict(dict(weights), strict=False)


def _from_safetensors(data: bytes, path: Path) -> object:
    try:
        return safetensors.torch.load(data)
    except safetensors.SafetensorError as error:
        raise _damaged(path) from error


def _from_torch(data: bytes, path: Path) -> object:
    torch_start.forbid_pickled_programs()
    try:
        with warnings.catch_warnings():
            # Torch warns of pickle protocols above 2, and reads or refuses them all the same.
            warnings.simplefilter("ignore", UserWarning)
            return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise UserError(
            f"{path.name} was not opened: it holds more than weights, or something else, and "
            "loading it could run a program.",
            "Save the model's state_dict alone, best as safetensors.",
            path=str(path),
        ) from error
    except MALFORMED as error:
        raise _damaged(path) from error


READERS: dict[str, Callable[[bytes, Path], Any]] = {
    ".safetensors": _from_safetensors,
    ".pth": _from_torch,
    ".pt": _from_torch,
}


def _unwrapped(content: object, path: Path) -> StateDict:
    if isinstance(content, Mapping) and isinstance(content.get("state_dict"), Mapping):
        content = content["state_dict"]
    if (
        not isinstance(content, Mapping)
        or not content
        or not all(isinstance(key, str) for key in content)
        or not all(_is_plain(value) for value in content.values())
    ):
        raise UserError(
            f"{path.name} holds no table of named weights.",
            "Save the model's state_dict alone, best as safetensors.",
            path=str(path),
        )
    prefix = "module." if all(key.startswith("module.") for key in content) else ""
    return {key.removeprefix(prefix): tensor for key, tensor in content.items()}


def _is_plain(value: object) -> bool:
    """A dense tensor of real numbers: nothing sparse, quantised or complex."""
    return (
        isinstance(value, torch.Tensor)
        and value.layout == torch.strided
        and not value.is_quantized
        and not value.is_complex()
    )


def _damaged(path: Path) -> UserError:
    return UserError(
        f"The weights {path.name} are damaged or no file of weights.",
        "Copy or download the file again.",
        path=str(path),
    )


def _is_counter(key: str) -> bool:
    return key.endswith(".num_batches_tracked")


def _shape(tensor: torch.Tensor) -> str:
    return " × ".join(map(str, tensor.shape)) or "one number"
