"""Makes the database of this release: `python -m tests.databases.make`.

A release whose tables are new adds a file; one that is there is never made again.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from ganviz import Event, RunConfig, Store, Trainer, train
from ganviz.store import born
from ganviz.store.migrations import MIGRATIONS
from tests.test_store import kept

HERE = Path(__file__).parent
CONFIG = RunConfig(dataset="gaussian", width=4, depth=1, batch_size=8, steps=30)


def main() -> None:
    """Write the database and, beside it as JSON, what it holds."""
    path = HERE / f"v{len(MIGRATIONS)}.db"
    if path.exists():
        raise SystemExit(f"{path} is a release's: it stays as it is")
    store = Store(path)
    train(CONFIG, events=[Event(10, "lr_d", 0.01)], store=store)
    (whole,) = store.runs()
    store.tag(whole.id, "whole", "first")
    store.annotate(whole.id, "edited at 10")
    trainer = Trainer(CONFIG.replace(seed=1))
    for _ in range(12):
        trainer.step()
    kept(store, trainer, "cutcutcu")
    keeper = store.keep(born("queuedqu", CONFIG.replace(seed=2).to_json(), versions={}))
    store.flush()
    assert keeper.birth is None
    found = {
        run.id: {
            "status": "interrupted" if run.id == "queuedqu" else run.status,
            "step": run.step,
            "tags": list(run.tags),
            "notes": run.notes,
            "events": [list(event) for event in run.events],
            "keyframes": list(run.keyframes),
            "moments": list(run.moments),
            "value": run.rows()[:, 1].tolist(),
            "config": json.loads(run.config_json),
        }
        for run in store.runs()
    }
    with store._database.write() as connection:
        connection.execute("UPDATE runs SET process = '1@x', boot = 'x', beat = 0 WHERE owner > ''")
    store._database.close()
    with closing(sqlite3.connect(path)) as connection:  # one file, without what WAL keeps beside it
        connection.execute("PRAGMA journal_mode=DELETE")
    path.with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf8")


if __name__ == "__main__":
    main()
