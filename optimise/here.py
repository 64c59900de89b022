"""HiGHS in this process, for small programs: starting another process costs ten to fifty times their solution.

A thread that hangs inside HiGHS cannot be killed. It is left to itself: whoever waits gets an answer at the time, and
as long as such a thread runs nothing else is solved here.
"""

import queue
import threading
import time
from collections.abc import Callable

from optimise.child import Figures, Finish, Program, Tell, run_highs

HERE_AT_MOST = 10_000
"""Entries of a program that is solved in this process: its presolve takes milliseconds, so that the clock is kept."""
LATE_S = 1.0
"""HiGHS keeps its own clock within 0.03 s on programs as small: one that is so late hangs."""
LEFT = "circle15: left to itself"
News = tuple[float | None, float | None, Figures | None]


def trusted() -> bool:
    """Return whether nothing hangs in this process from before."""
    return not any(thread.name == LEFT for thread in threading.enumerate())


def run_here(
    program: Program,
    *,
    seconds: float,
    gap: float,
    start: Figures | None = None,
    relaxed: bool = False,
    presolve: bool = True,
    tell: Tell | None = None,
) -> Finish | None:
    """Run HiGHS as `run_highs` does and wait for it no longer than its time; None: it hangs and was left to itself.

    `tell` is called by the thread that waits.
    """
    heard: queue.SimpleQueue[Callable[[], Finish] | News] = queue.SimpleQueue()

    def news(value: float | None, bound: float | None, decisions: Figures | None) -> None:
        heard.put((value, bound, decisions))

    def work() -> None:
        try:
            finish = run_highs(
                program,
                seconds=seconds,
                gap=gap,
                start=start,
                relaxed=relaxed,
                presolve=presolve,
                tell=news if tell else None,
            )
        except BaseException as error:  # noqa: BLE001 - it is raised again by the thread that waits
            heard.put(_raising(error))
        else:
            heard.put(lambda: finish)

    worker = threading.Thread(target=work, name="circle15: HiGHS", daemon=True)
    end = time.monotonic() + max(seconds, 0.0) + LATE_S
    worker.start()
    while True:
        try:
            found = heard.get(timeout=max(end - time.monotonic(), 0.0))
        except queue.Empty:
            worker.name = LEFT
            return None
        if not isinstance(found, tuple):
            return found()
        if tell is not None:
            tell(*found)


def _raising(error: BaseException) -> Callable[[], Finish]:
    def raise_it() -> Finish:
        raise error

    return raise_it
