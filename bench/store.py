"""What keeping a run costs its training: `python -m bench.store`.

The same run, kept and not, takes turns in a process of its own on one core, where what the store
takes is taken from training. Medians of iterations a second of the process's own time are compared:
what else the machine does has no part in it.
"""

import os
import subprocess
import sys
import tempfile
from statistics import median

CORE, TURNS, SECONDS = "0", 6, 5.0

_RUN = f"""
import sys, time
from ganviz import PRESETS, Store
from ganviz.session.kept import begun
store = Store() if sys.argv[1] == "kept" else None
session = begun(store, PRESETS[sys.argv[2]].config.replace(steps=10_000_000))
session.start()
while session.latest is None or session.latest.step < 300:
    time.sleep(0.05)
begin, start = session.latest.step, time.process_time()
time.sleep({SECONDS})
print((session.latest.step - begin) / (time.process_time() - start))
session.stop()
if store is not None:
    store.close()
"""


def rate(kept: bool, preset: str) -> float:
    """Iterations a second of the process's time."""
    with tempfile.TemporaryDirectory() as home:
        command = ["taskset", "-c", CORE, sys.executable, "-c", _RUN]
        done = subprocess.run(
            [*command, "kept" if kept else "bare", preset],
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | {"GANVIZ_HOME": home, "OMP_NUM_THREADS": "1"},
        )
    return float(done.stdout)


def main() -> None:
    """Print the ratio for small and larger networks, and for images."""
    for preset in ("healthy", "ring", "digits"):
        rates: dict[bool, list[float]] = {True: [], False: []}
        for turn in range(TURNS):
            for kept in (True, False) if turn % 2 else (False, True):
                rates[kept].append(rate(kept, preset))
        ratio = median(rates[True]) / median(rates[False])
        print(
            f"{preset:10} kept {median(rates[True]):7.1f}/s, not {median(rates[False]):7.1f}/s, "
            f"ratio {ratio:.3f} (wanted >= 0.97)",
            flush=True,
        )


if __name__ == "__main__":
    main()
