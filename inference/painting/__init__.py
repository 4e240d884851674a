"""The arithmetic of labelling: brushes, growing, interpolation, seeds and outlines of masks."""
