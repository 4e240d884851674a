"""Makes the environment of a checkout and starts the program in it; standard library only."""
