"""The project on disk: one SQLite file with its arrays beside it; the only SQL is in here."""

from app.acts import Mark
from app.store.records import Backup, Found, Opening, Result, Wanted
from app.store.schema import MIGRATIONS
from app.store.store import Store

__all__ = ["MIGRATIONS", "Backup", "Found", "Mark", "Opening", "Result", "Store", "Wanted"]
