"""`lepton train`: run a training recipe into a folder of its own."""

from __future__ import annotations

import argparse
import shutil
from dataclasses import asdict
from pathlib import Path

import resources
from app.output import Output
from inference.errors import UserError


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", help="the id of a built-in model, such as phantom-nodule")
    parser.add_argument("--out", type=Path, help="folder of the run (default lepton-run-RECIPE)")
    parser.add_argument("--data", type=Path, help="folder of the data (default LEPTON_TEST_DATA)")
    parser.add_argument(
        "--install", action="store_true", help="replace the built-in model by the result"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def run(arguments: argparse.Namespace, output: Output) -> int:
    from inference.shared_data import data_folder
    from inference.training.recipe import carry_out
    from inference.training.recipes.table import find_recipe
    from inference.training.run_folder import RunFolder

    recipe = find_recipe(arguments.recipe)
    name = recipe.card.model_id
    data = data_folder(recipe.data, arguments.data) if recipe.data else Path()
    folder = arguments.out or Path(f"lepton-run-{name}")
    card = carry_out(recipe, data, RunFolder(folder, output.task()))
    if arguments.install:
        _install(folder, name)
        output.say(f"The built-in model {name} is now this run's.")
    output.document(
        "train",
        {
            "recipe": name,
            "out": folder.name,
            "model": {"id": name, "sha256": card.sha256},
            "metrics": [asdict(metric) for metric in card.metrics],
            "installed": arguments.install,
        },
    )
    if not output.as_json:
        output.text(f"{name} is in {folder}.")
    return 0


def _install(folder: Path, name: str) -> None:
    """Weights first: with the old card they are refused by their digest, never mistaken."""
    from inference.card_files import CARD_NAME
    from inference.training.run_folder import WEIGHTS_NAME
    from inference.whole_file import writing

    for file in (WEIGHTS_NAME, CARD_NAME):
        source = folder / file
        if not source.is_file():
            raise UserError(f"The run has left no {file}.", "Run the recipe again.")
        with writing(resources.path("models", name, file)) as temporary:
            shutil.copyfile(source, temporary)
