"""What holds before torch loads anything: a file of weights is never run as a program."""

from __future__ import annotations

import os


def forbid_pickled_programs() -> None:
    """Make `torch.load` refuse everything but weights, whatever the environment says.

    TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD would open the door again, and torch stops with an error
    where both variables are set; torch reads them at each load.
    """
    os.environ.pop("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", None)
    os.environ["TORCH_FORCE_WEIGHTS_ONLY_LOAD"] = "1"


forbid_pickled_programs()
