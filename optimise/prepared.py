"""The compiled search made ready before a question's clock starts: on a new machine that takes longer than many a plan.

A question gets the same answer on the day the program is installed as on every other day.
"""

import time

from optimise import alike, search
from optimise.engines import Progress
from optimise.question import Question
from optimise.solve import Hear, Solver

FEW_PAIRS, FEW_OPTIONS = 2_000, 400
"""A question as small goes to a solver at once, and to the search where that settles nothing: compiling the search
on a new machine takes longer than the whole answer."""
READY = "ready"
"""The goal that is told while the search is made ready."""


def is_small(question: Question) -> bool:
    """Return whether a question is so small that a solver is asked before the search."""
    return question.cover.reach.nnz <= FEW_PAIRS and len(question.options) <= FEW_OPTIONS


def made_ready(question: Question, solver: Solver, hear: Hear | None = None) -> float:
    """Have what a question will need compiled, once a process, saying so; return the seconds it took."""
    began = time.monotonic()
    if solver == "search" or not is_small(question):
        _say(hear)
        search.ready()
    return time.monotonic() - began


def merging_made_ready(pairs: int, hear: Hear | None = None) -> None:
    """Have the merging of so many pairs compiled where that will be needed, once a process, saying so."""
    if pairs > alike.FEW:
        _say(hear)
        alike.ready()


def _say(hear: Hear | None) -> None:
    if hear is not None and not search.ready.cache_info().currsize:
        hear(Progress(0.0, None, None, "search", READY))
