"""The program: window, actions, session, jobs, store and command line."""

__version__ = "0.1.0"
