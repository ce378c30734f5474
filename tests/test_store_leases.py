"""Who makes a run: leases, and runs that were cut off."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from ganviz import RunConfig, Store, StoreError
from ganviz.session.kept import begun, continued
from ganviz.store import born
from ganviz.store.leases import LEASE_SECONDS, Holder, process_name
from tests.test_store import kept, trained

CONFIG = RunConfig(width=8, depth=1, batch_size=16, steps=2000)


def cut_off(path: Path, run: str = "aaaa1111") -> str:
    """A run whose process is gone."""
    store = Store(path, holder=Holder(process="1@nobody", boot="another"))
    keeper = store.keep(born(run, CONFIG.to_json(), versions={}))
    trainer = trained(20)
    keeper.rows(trainer.history.columns())
    store.flush()
    with store._database.write() as connection:
        connection.execute("UPDATE runs SET status = 'running', beat = 0")
    store._database.close()
    return run


def test_a_run_is_interrupted_once_its_lease_has_run_out(tmp_path: Path) -> None:
    now = [1000.0]
    other = Holder(process="7@1", boot="another machine", clock=lambda: now[0])
    maker = Store(tmp_path / "a.db", holder=other)
    maker.keep(born("aaaa1111", CONFIG.to_json(), versions={}))
    maker.flush()
    looker = Store(tmp_path / "a.db", holder=Holder(clock=lambda: now[0]))
    assert looker.run("aaaa1111").status == "queued"
    now[0] += LEASE_SECONDS
    assert looker.run("aaaa1111").status == "queued"
    now[0] += 0.1
    assert looker.run("aaaa1111").status == "interrupted"
    maker._database.close()
    looker.close()


def test_of_this_machine_a_dead_process_holds_nothing_and_a_live_one_all(tmp_path: Path) -> None:
    code = (
        "import sys, time\n"
        "from ganviz.store import Store, born\n"
        "store = Store(sys.argv[1])\n"
        "store.keep(born('aaaa1111', '{\"steps\": 9}', versions={}))\n"
        "store.flush(); print('kept', flush=True); time.sleep(60)\n"
    )
    path = tmp_path / "a.db"
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "kept\n"
    store = Store(path)
    assert store.run("aaaa1111").status == "queued"
    child.kill()
    child.wait()
    child.stdout.close()
    assert store.run("aaaa1111").status == "interrupted"  # at once, whatever its last heartbeat
    store.close()


def test_a_number_that_is_given_again_is_another_process() -> None:
    holder = Holder()
    row = {"owner": "x", "boot": holder.boot, "process": holder.process, "beat": 0.0}
    assert holder.holds(row)  # type: ignore[arg-type]
    other = row | {"process": holder.process.partition("@")[0] + "@1"}
    assert not holder.holds(other)  # type: ignore[arg-type]
    nobody = process_name(2**22 + 1)
    assert nobody == f"{2**22 + 1}@"
    fresh = row | {"beat": holder.clock()}
    assert not holder.holds(fresh | {"process": nobody})  # type: ignore[arg-type]
    assert holder.holds(fresh | {"process": "1@"})  # type: ignore[arg-type]


def test_of_two_resumes_one_wins(tmp_path: Path) -> None:
    run = cut_off(tmp_path / "a.db")
    one, other = Store(tmp_path / "a.db"), Store(tmp_path / "a.db")
    session = continued(one, run)
    with pytest.raises(StoreError, match="is being made already"):
        continued(other, run)
    session.start()
    while session.live:
        time.sleep(0.02)
    one.flush()
    assert other.run(run).status == "finished"
    assert other.run(run).id == run
    one.close()
    other.close()


def test_whoever_has_lost_its_lease_writes_no_more(tmp_path: Path) -> None:
    """As a machine that was asleep while another went on with its run."""
    asleep, other = Store(tmp_path / "a.db"), Store(tmp_path / "a.db")
    session = begun(asleep, CONFIG.replace(steps=100_000))
    session.start()
    assert session.wait(20)
    asleep.flush()
    with other._database.write() as connection:
        connection.execute("UPDATE runs SET owner = 'somebody', boot = 'x', beat = 1e12")
    step = other.run(session.id).step
    time.sleep(0.3)
    asleep.flush()
    session.stop()
    asleep.flush()
    assert other.run(session.id).step == step
    assert "Another process goes on with this run" in str(asleep.lost(session.id))
    asleep.close()
    other.close()


def test_runs_that_are_over_are_free(tmp_path: Path) -> None:
    one, other = Store(tmp_path / "a.db"), Store(tmp_path / "a.db")
    run = kept(one, trained(20))
    assert other.run(run).status == "stopped"
    session = continued(other, run)
    session.stop()
    other.flush()
    one.close()
    other.close()
