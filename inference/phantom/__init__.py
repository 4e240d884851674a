"""Generated CT chest phantoms whose truth is known, nodules and marker included."""
