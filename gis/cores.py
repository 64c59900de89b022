"""Work dealt out over the cores of the machine; no answer depends on how many there are."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import TypeVar

import numpy as np

Answer = TypeVar("Answer")
CORES = "CIRCLE15_CORES"
"""The variable of the environment that says how many cores one of several processes may take."""


def on_all_cores(
    work: Callable[[int, int], tuple[np.ndarray, ...]], count: int, *, least: int, cores: int | None = None
) -> tuple[np.ndarray, ...]:
    """Return the answers of `work(first, last)` over runs of 0 to `count`, of `least` or more, joined in order."""
    answers = in_runs(work, count, least=least, cores=cores)
    return answers[0] if len(answers) == 1 else tuple(np.concatenate(column) for column in zip(*answers, strict=True))


def in_runs(work: Callable[[int, int], Answer], count: int, *, least: int, cores: int | None = None) -> list[Answer]:
    """Return the answers of `work(first, last)` over runs of 0 to `count`, of `least` or more, in order.

    The first run is done here, and so is whatever no other core has begun by then: nobody waits for an idle place.
    """
    runs = max(1, min(cores or _cores(), count // least))
    if runs == 1:
        return [work(0, count)]
    cuts = list(pairwise(count * run // runs for run in range(runs + 1)))
    others = [_hands(os.getpid()).submit(work, *cut) for cut in cuts[1:]]
    answers = [work(*cuts[0])]
    answers += [work(*cut) if other.cancel() else other.result() for cut, other in zip(cuts[1:], others, strict=True)]
    return answers


def _cores() -> int:
    """Return how many cores this process may take: all, unless it shares the machine with others of its kind."""
    said = os.environ.get(CORES, "")
    return max(1, int(said)) if said.isdecimal() else os.cpu_count() or 1


@cache
def _hands(process: int) -> ThreadPoolExecutor:  # noqa: ARG001 - of a process that was split off none are left
    """Return the threads that help; to begin a new one each time costs as much as a tenth of a city's search."""
    return ThreadPoolExecutor(max(1, _cores() - 1), thread_name_prefix="core")
