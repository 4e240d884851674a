"""The project on disk: one SQLite file with its arrays beside it; the only SQL is in here."""

from app.acts import Mark
from app.store.records import Found, Result, Wanted
from app.store.schema import MIGRATIONS
from app.store.store import Store

__all__ = ["MIGRATIONS", "Found", "Mark", "Result", "Store", "Wanted"]
