"""Who does the work: a plain loop, or Dask with workers here or elsewhere. Nothing of the scheduling is ours.

A task is a function of a module and a few texts; its answer is a text. So nothing but texts goes between processes, and
whoever does the work, the answers are the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec

from circle15.machine import free_memory_bytes
from circle15.province.answers import WORTH_ANOTHER_TRY, Answer, Hands, Task, answered, attempted, in_order, said_of
from circle15.province.project import PROVINCE_FILE, Engine
from circle15.province.workers import elsewhere, here, workers_here
from gis.errors import Finding, InputError


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
    return elsewhere(engine) if engine.scheduler else here(engine, memory_bytes)


class _Loop:
    """One task after the other in this process."""

    dashboard = ""

    def __init__(self, retries: int) -> None:
        self.retries = retries

    def spread(self, task: Task, given: Mapping[str, Sequence[str]], *, first: Sequence[str] = ()) -> Iterator[Answer]:
        for name in in_order(given, first):
            yield self._one(task, name, given[name])

    def _one(self, task: Task, name: str, texts: Sequence[str]) -> Answer:
        for attempt in range(self.retries + 1):
            try:
                return answered(name, attempted(task, *texts))
            except WORTH_ANOTHER_TRY as error:
                if attempt == self.retries:
                    return Answer(name, fault=said_of(error))
        raise AssertionError
