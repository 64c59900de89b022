"""Tasks given to Dask: as many as there are threads at a time, and again alone where a worker died."""

import math
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from circle15.province.answers import KILLED, Answer, Task, answered, attempted, in_order, said_of
from circle15.province.project import PROVINCE_FILE
from gis.cores import CORES
from gis.errors import Finding, OutputError, blocked

LOOK_S = 2.0
"""So often it is looked how many workers there are."""
PATIENCE_S, PATIENCE_GONE_S = 120.0, 15.0
"""So long there may be no worker, or nobody who answers, before the run stops."""
REPLACED_S = 15.0
"""So long a worker of our own that has ended may be on its way back before another is begun: a restart can hang."""


class Client:
    """A Dask client, as one of those who do the work."""

    def __init__(self, client: Any, retries: int, *, begin: Callable[[], None] | None = None) -> None:
        """Work with a client that is connected; `retries`: how often a task is asked again after a fault.

        `begin` begins one more worker, where the workers are ours.
        """
        self.client, self.retries, self._begin = client, retries, begin
        self.dashboard = str(client.dashboard_link or "") if find_spec("bokeh") else ""

    def spread(self, task: Task, given: Mapping[str, Sequence[str]], *, first: Sequence[str] = ()) -> Iterator[Answer]:
        """Yield the answers of tasks as they come (`circle15.province.answers.Hands`)."""
        token = os.urandom(4).hex()  # what an earlier run asked of the same scheduler is none of ours
        suspects = []
        for answer in self._ended(task, given, in_order(given, first), token, most=None):
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
        begun = 0
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
                    if self._begin and not gone and time.monotonic() - alone_since > REPLACED_S * (begun + 1):
                        begun += 1
                        self._begin()
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


def _one_core(task: Task, *texts: str) -> str:
    """Do a task on the one core that a worker has, unless who started the worker said otherwise."""
    os.environ.setdefault(CORES, "1")
    return attempted(task, *texts)


def _ended(name: str, future: Any) -> Answer:
    """Return what became of a task that ended."""
    if future.status == "finished":
        try:
            return answered(name, str(future.result()))
        except Exception as error:  # noqa: BLE001 - an answer that is lost on its way is a fault like any other
            return Answer(name, fault=said_of(error))
    return Answer(name, fault=said_of(future.exception()))
