"""How models are made: the loop, the folder of a run, and the recipes of the built-in models."""
