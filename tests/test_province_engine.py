"""Who does the work: faults of tasks, workers that die, workers that take too much memory; one county's, not all's."""

from pathlib import Path

import pytest

from circle15.province.engine import hands
from circle15.province.project import Engine
from circle15.province.workers import workers_here
from gis.errors import InputError, OutputError
from tests import province_tasks as tasks

LOOP = Engine(kind="loop", retries=2)
pytestmark = pytest.mark.filterwarnings("default")  # the library tells of what it ends in warnings of its own


def test_a_loop_tries_again_what_may_pass_and_not_what_stays(tmp_path: Path) -> None:
    marks = {name: tmp_path / name for name in ("stumble", "err")}
    with hands(LOOP, memory_bytes=1) as do:
        (passed,) = do.spread(tasks.stumble, {"a": [str(marks["stumble"])]})
        (failed,) = do.spread(tasks.err, {"b": [str(marks["err"])]})
    assert (passed.text, passed.fault) == ("done", "")
    assert failed.fault.startswith("ValueError: no such thing")
    assert "hunter2" not in failed.fault
    assert {name: mark.stat().st_size for name, mark in marks.items()} == {"stumble": 2, "err": 1}


def test_what_ends_or_outgrows_a_worker_is_one_task_and_the_others_are_done(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    deaths = tmp_path / "deaths"
    engine = Engine(kind="dask", workers=1, memory_mb=600, retries=1)
    with hands(engine, memory_bytes=1 << 20) as do:
        ended = {answer.name: answer for answer in do.spread(tasks.die, {"x": [str(deaths)]})}
        grown = {answer.name: answer for answer in do.spread(tasks.hog, {"big": ["2000"], "small": ["1"]})}
        said = [answer.text for answer in do.spread(tasks.echo, {"a": ["甲"], "b": ["乙"]})]
    assert ended["x"].fault == "KilledWorker"
    assert deaths.stat().st_size == 4  # tried twice, then twice with nobody beside it; no more
    assert grown["big"].fault == "KilledWorker"
    assert grown["small"].text == "1"
    assert sorted(said) == sorted("甲乙")


def test_memory_is_dealt_out_before_the_start() -> None:
    gib = 1 << 30
    assert workers_here(Engine(), memory_bytes=gib, cores=4, free_bytes=100 * gib)[0] == 4
    count, each = workers_here(Engine(), memory_bytes=3 * gib, cores=4, free_bytes=8 * gib)
    assert count == 2
    assert 2 * each <= 8 * gib
    for engine in (Engine(workers=4), Engine(workers=1, memory_mb=1024)):
        with pytest.raises(InputError, match="MEMORY_SHORT"):
            workers_here(engine, memory_bytes=3 * gib, cores=4, free_bytes=8 * gib)


@pytest.mark.parametrize(
    ("scheduler", "more", "fine"),
    [
        ("tcp://127.0.0.1:8786", {}, True),
        ("tcp://[::1]:8786", {}, True),
        ("tcp://localhost:8786", {}, True),
        ("tcp://10.0.0.5:8786", {}, False),
        ("tcp://10.0.0.5:8786", {"trusted_network": True}, True),
        ("tls://10.0.0.5:8786", {}, False),
        ("tls://10.0.0.5:8786", {"tls": {"ca": "a", "cert": "b", "key": "c"}}, True),
        ("http://127.0.0.1", {}, False),
        ("8786", {}, False),
    ],
)
def test_nobody_on_the_network_gives_orders_unless_that_is_said(scheduler: str, more: dict, *, fine: bool) -> None:
    if fine:
        assert Engine(scheduler=scheduler, **more).scheduler == scheduler
    else:
        with pytest.raises(ValueError, match=r"engine|tcp://"):
            Engine(scheduler=scheduler, **more)


def test_a_scheduler_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("circle15.province.workers.PATIENCE_GONE_S", 1.0)
    with pytest.raises(OutputError, match="ENGINE_LOST"), hands(Engine(scheduler="tcp://127.0.0.1:9"), memory_bytes=1):
        pass
