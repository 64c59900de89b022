"""Who does the work: a plain loop, or Dask with workers here or elsewhere. Nothing of the scheduling is ours.

A task is a function of a module and a few texts; its answer is a text. So nothing but texts goes between processes, and
whoever does the work, the answers are the same.
"""

import logging
import math
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Protocol

from circle15.machine import free_memory_bytes
from circle15.province.project import PROVINCE_FILE, Engine
from gis.cores import CORES
from gis.errors import Finding, InputError, OutputError, blocked
from gis.secrets import redacted

Task = Callable[..., str]
MIB = 1 << 20
FAULT, KILLED = "\0", "KilledWorker"
LOOK_S = 2.0
"""So often it is looked how many workers there are."""
WORTH_ANOTHER_TRY = (OSError, MemoryError)
"""What may be over the next time: a disk that was busy, memory that others had."""
SHARE_OF_MEMORY = 0.9
"""So much of the free memory is dealt out to the workers; the rest is for who deals it out."""
PATIENCE_S, PATIENCE_GONE_S = 120.0, 15.0
"""So long there may be no worker, or nobody who answers, before the run stops."""


@dataclass(frozen=True)
class Answer:
    """What became of a task: its text, or what went wrong outside the task itself (`fault`)."""

    name: str
    text: str = ""
    fault: str = ""


class Hands(Protocol):
    """Those who do the work."""

    dashboard: str
    """Where the work can be watched; empty where it cannot."""

    def spread(self, task: Task, given: Mapping[str, Sequence[str]], *, first: Sequence[str] = ()) -> Iterator[Answer]:
        """Do a task for each name with the texts given for it; yield answers as they come. `first`: which first."""


def hands(engine: Engine, *, memory_bytes: int) -> AbstractContextManager[Hands]:
    """Return those who do the work, `memory_bytes` the most that one task is expected to need.

    Raises InputError where Dask is not installed or one worker does not get the memory, OutputError where no scheduler
    answers.
    """
    if engine.kind == "loop":
        workers_here(Engine(workers=1), memory_bytes=memory_bytes, cores=1, free_bytes=free_memory_bytes())
        return nullcontext(_Loop(engine.retries))
    if find_spec("distributed") is None:
        place = f"{PROVINCE_FILE}:engine.kind"
        raise InputError([Finding("PARAM_RANGE", "reject", place, "dask", allowed='kind = "loop"; circle15[province]')])
    return _elsewhere(engine) if engine.scheduler else _here(engine, memory_bytes)


def workers_here(engine: Engine, *, memory_bytes: int, cores: int, free_bytes: int | None) -> tuple[int, int]:
    """Return how many workers this machine has room for and how many bytes each gets.

    Raises InputError (MEMORY_SHORT) where not even one gets what a task is expected to need.

    >>> workers_here(Engine(), memory_bytes=2 << 30, cores=8, free_bytes=10 << 30)
    (4, 2415919104)
    """
    room = None if free_bytes is None else int(free_bytes * SHARE_OF_MEMORY)
    most = cores if room is None else min(cores, room // max(memory_bytes, 1))
    count = engine.workers or max(1, most)
    each = engine.memory_mb * MIB if engine.memory_mb else memory_bytes if room is None else room // count
    if each < memory_bytes:
        found, needed = f"{count} x {each // MIB:,} MiB", f">= {memory_bytes // MIB:,} MiB"
        raise InputError([Finding("MEMORY_SHORT", "reject", f"{PROVINCE_FILE}:engine", found, allowed=needed)])
    return count, each


class _Loop:
    """One task after the other in this process."""

    dashboard = ""

    def __init__(self, retries: int) -> None:
        self.retries = retries

    def spread(self, task: Task, given: Mapping[str, Sequence[str]], *, first: Sequence[str] = ()) -> Iterator[Answer]:
        for name in _in_order(given, first):
            yield self._one(task, name, given[name])

    def _one(self, task: Task, name: str, texts: Sequence[str]) -> Answer:
        for attempt in range(self.retries + 1):
            try:
                return _answer(name, _attempt(task, *texts))
            except WORTH_ANOTHER_TRY as error:
                if attempt == self.retries:
                    return Answer(name, fault=_said(error))
        raise AssertionError


class _Dask:
    """A Dask client."""

    def __init__(self, client: Any, retries: int) -> None:
        self.client, self.retries = client, retries
        self.dashboard = str(client.dashboard_link or "") if find_spec("bokeh") else ""

    def spread(self, task: Task, given: Mapping[str, Sequence[str]], *, first: Sequence[str] = ()) -> Iterator[Answer]:
        token = os.urandom(4).hex()  # what an earlier run asked of the same scheduler is none of ours
        suspects = []
        for answer in self._ended(task, given, _in_order(given, first), token, most=None):
            if answer.fault == KILLED:
                suspects.append(answer.name)
            else:
                yield answer
        # Who was at hand when a worker died is not who ended it: each is asked again with nobody beside it.
        yield from self._ended(task, given, suspects, f"{token}-alone", most=1)

    def _ended(
        self, task: Task, given: Mapping[str, Sequence[str]], names: Sequence[str], token: str, *, most: int | None
    ) -> Iterator[Answer]:
        """Yield the answers of some tasks, at most so many at work at a time (None: one for each thread there is)."""
        waiting, futures = deque(names), dict[Any, str]()
        alone_since: float | None = None
        looked, room = -math.inf, 0
        try:
            while waiting or futures:
                gone = self.client.status != "running" or any(f.status in {"lost", "cancelled"} for f in futures)
                if not gone and time.monotonic() - looked > LOOK_S:
                    looked, room = time.monotonic(), self._threads()
                while waiting and not gone and len(futures) < min(room, most or room):
                    name = waiting.popleft()
                    key = f"{task.__name__}-{name}-{token}"
                    futures[
                        self.client.submit(_one_core, task, *given[name], key=key, retries=self.retries, pure=False)
                    ] = name
                done = [future for future in futures if future.status in {"finished", "error"}]
                for future in done:
                    yield _ended(futures.pop(future), future)
                    future.release()
                if gone or not room:
                    alone_since = alone_since or time.monotonic()
                    if time.monotonic() - alone_since > (PATIENCE_GONE_S if gone else PATIENCE_S):
                        raise _lost(self.client, len(futures) + len(waiting))
                else:
                    alone_since = None
                if not done:
                    time.sleep(0.02)
        finally:
            for future in futures:
                future.release()

    def _threads(self) -> int:
        """Return how many tasks can be at work at a time."""
        try:
            return sum(self.client.nthreads().values())
        except (OSError, ValueError):
            return 0


def _lost(client: Any, left: int) -> OutputError:
    """Return the error for an engine that nobody answers for."""
    address = str(client.scheduler.address) if client.scheduler else ""
    return blocked(Finding("ENGINE_LOST", "reject", f"{PROVINCE_FILE}:engine", address, left))


def _attempt(task: Task, *texts: str) -> str:
    """Do a task; a fault that would come again is an answer, after `FAULT`."""
    try:
        return task(*texts)
    except WORTH_ANOTHER_TRY:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this task's alone
        return FAULT + _said(error)


def _one_core(task: Task, *texts: str) -> str:
    """Do a task on the one core that a worker has, unless who started the worker said otherwise."""
    os.environ.setdefault(CORES, "1")
    return _attempt(task, *texts)


def _answer(name: str, text: str) -> Answer:
    """Return what became of a task that gave an answer."""
    return Answer(name, fault=text.removeprefix(FAULT)) if text.startswith(FAULT) else Answer(name, text)


def _ended(name: str, future: Any) -> Answer:
    """Return what became of a task that ended."""
    if future.status == "finished":
        try:
            return _answer(name, str(future.result()))
        except Exception as error:  # noqa: BLE001 - an answer that is lost on its way is a fault like any other
            return Answer(name, fault=_said(error))
    return Answer(name, fault=_said(future.exception()))


def _said(error: BaseException) -> str:
    """Return an error as one line without secrets; of a worker that died what there is to say of it."""
    if type(error).__name__ == KILLED:
        return KILLED
    return redacted(f"{type(error).__name__}: {error}".splitlines()[0])[:300]


def _in_order(given: Mapping[str, Sequence[str]], first: Sequence[str]) -> list[str]:
    """Return the names, those to do first in front."""
    return [*(name for name in first if name in given), *(name for name in given if name not in set(first))]


@contextmanager
def _here(engine: Engine, memory_bytes: int) -> Iterator[Hands]:
    """Give workers on this machine, one core each, that nobody outside it can reach."""
    import dask  # noqa: PLC0415 - an extra
    import distributed  # noqa: PLC0415

    cores = os.cpu_count() or 1
    count, each = workers_here(engine, memory_bytes=memory_bytes, cores=cores, free_bytes=free_memory_bytes())
    with ExitStack() as stack:
        stack.enter_context(dask.config.set(_manners(engine)))
        stack.enter_context(_environment({CORES: os.environ.get(CORES, str(max(1, cores // count)))}))
        cluster = stack.enter_context(
            distributed.LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                memory_limit=each,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
            )
        )
        yield _Dask(stack.enter_context(distributed.Client(cluster)), engine.retries)


@contextmanager
def _elsewhere(engine: Engine) -> Iterator[Hands]:
    """Give the workers of a scheduler that somebody else started."""
    import dask  # noqa: PLC0415 - an extra
    import distributed  # noqa: PLC0415

    tls = engine.tls
    security = tls and distributed.Security(
        tls_ca_file=tls.ca, tls_client_cert=tls.cert, tls_client_key=tls.key, require_encryption=True
    )
    with ExitStack() as stack:
        stack.enter_context(dask.config.set(_manners(engine)))
        try:
            client = distributed.Client(engine.scheduler, security=security, timeout=PATIENCE_GONE_S)
        except (OSError, ValueError) as error:
            found = Finding("ENGINE_LOST", "reject", f"{PROVINCE_FILE}:engine.scheduler", str(engine.scheduler))
            raise blocked(found) from error
        yield _Dask(stack.enter_context(client), engine.retries)


def _manners(engine: Engine) -> dict[str, Any]:
    """Return how Dask is to treat workers: above its memory it is ended, not slowed down."""
    memory = "distributed.worker.memory."
    return {
        "distributed.scheduler.allowed-failures": engine.retries,
        "distributed.worker.daemon": False,  # a solver is a process of its own
        f"{memory}target": False,
        f"{memory}spill": False,
        f"{memory}pause": False,
        f"{memory}terminate": 0.95,
        "distributed.comm.timeouts.connect": "10s",
        "distributed.worker.preload": [],
    }


@contextmanager
def _environment(said: Mapping[str, str]) -> Iterator[None]:
    """Set variables of the environment for the processes that are begun meanwhile."""
    before = {name: os.environ.get(name) for name in said}
    os.environ.update(said)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
