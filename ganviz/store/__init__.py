"""Every run is kept: an SQLite database, a writer that no training waits for, and kept runs."""

from ganviz.store.errors import StoreError
from ganviz.store.keeper import Birth, Judge, Keeper, born
from ganviz.store.kept import KeptRun
from ganviz.store.store import Store

__all__ = ["Birth", "Judge", "Keeper", "KeptRun", "Store", "StoreError", "born"]
