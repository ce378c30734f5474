"""Whether a change moved any history: the first iterations of every preset, kept and compared.

`python -m bench.histories keep FILE` before a change, `python -m bench.histories compare FILE`
after it, on one machine. No preset needs a download, and none is compiled.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

from ganviz import PRESETS, Trainer
from ganviz.trainer import Diverged, one_thread

ITERATIONS = 300


def fingerprint(preset: str) -> str:
    """SHA-256 of all rows of a preset's first iterations, bit for bit."""
    trainer = Trainer(PRESETS[preset].config)
    with one_thread():
        try:
            for _ in range(ITERATIONS):
                trainer.step()
        except Diverged:
            pass
    rows = trainer.history.columns().values()
    return hashlib.sha256(b"".join(column.tobytes() for column in rows)).hexdigest()


def main() -> int:
    """Keep or compare; 1 where a history differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=("keep", "compare"))
    parser.add_argument("file", type=Path)
    given = parser.parse_args()
    found = {preset: fingerprint(preset) for preset in PRESETS}
    if given.action == "keep":
        given.file.write_text(json.dumps(found, indent=1))
        return 0
    kept = json.loads(given.file.read_text())
    differ = [preset for preset in kept if found.get(preset) != kept[preset]]
    print(f"{len(kept) - len(differ)} of {len(kept)} histories are bit for bit the same")
    print(*differ, sep="\n", file=sys.stderr)
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
