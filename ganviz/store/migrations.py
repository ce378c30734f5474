"""The tables, as they came to be: each migration leads from one version to the next."""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        label TEXT NOT NULL,
        config TEXT NOT NULL,
        status TEXT NOT NULL,
        step INTEGER NOT NULL DEFAULT 0,
        steps INTEGER NOT NULL,
        rows INTEGER NOT NULL DEFAULT 0,
        seconds REAL NOT NULL DEFAULT 0,
        parent TEXT,
        branched_at INTEGER,
        created REAL NOT NULL,
        changed REAL NOT NULL,
        versions TEXT NOT NULL,
        plan TEXT NOT NULL DEFAULT '[]',
        own INTEGER NOT NULL DEFAULT 0,
        error TEXT,
        verdict TEXT,
        summary TEXT NOT NULL DEFAULT '{}',
        tags TEXT NOT NULL DEFAULT '[]',
        notes TEXT NOT NULL DEFAULT '',
        deleted REAL,
        owner TEXT,
        process TEXT,
        boot TEXT,
        beat REAL
    );
    CREATE INDEX runs_by_age ON runs (created DESC);
    CREATE INDEX runs_by_owner ON runs (owner);

    CREATE TABLE rows (
        run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        n INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (run, first)
    );
    CREATE TABLE events (
        run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        place INTEGER NOT NULL,
        step INTEGER NOT NULL,
        field TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (run, place)
    );
    CREATE TABLE moments (
        run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        step INTEGER NOT NULL,
        seconds REAL NOT NULL,
        passing INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (run, step)
    );
    CREATE TABLE keyframes (
        run TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        step INTEGER NOT NULL,
        seconds REAL NOT NULL,
        passing INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (run, step)
    );
    CREATE TABLE given (
        run TEXT PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
        body BLOB NOT NULL
    );
    CREATE TABLE readings (
        run TEXT PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
        body BLOB NOT NULL
    );
    CREATE TABLE settings (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    );
    """,
)
"""SQL of each migration; the version of a database is how many it has behind it. What is written
here has been shipped: it is never changed, only added to."""
