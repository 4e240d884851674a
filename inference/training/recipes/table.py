"""The table of recipes: the id of a built-in model to the way it is made."""

from __future__ import annotations

from inference.errors import UserError
from inference.training.recipe import Recipe
from inference.training.recipes import chest_xray, hippocampus, phantom_pair

RECIPES: dict[str, Recipe] = {
    recipe.card.model_id: recipe
    for recipe in (
        phantom_pair.NODULE,
        phantom_pair.SHORTCUT,
        chest_xray.CHEST_XRAY,
        hippocampus.HIPPOCAMPUS,
    )
}
"""A new recipe is one file and one line here."""


def find_recipe(name: str) -> Recipe:
    """The recipe of that name; raises UserError (usage) that names those there are."""
    recipe = RECIPES.get(name)
    if recipe is None:
        raise UserError(
            f"There is no recipe named {name}.",
            f"Known recipes: {', '.join(RECIPES)}.",
            fault="usage",
        )
    return recipe
