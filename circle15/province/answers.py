"""What a task is and what became of it, whoever did it; nothing but texts goes between processes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gis.secrets import redacted

Task = Callable[..., str]
FAULT, KILLED = "\0", "KilledWorker"
WORTH_ANOTHER_TRY = (OSError, MemoryError)
"""What may be over the next time: a disk that was busy, memory that others had."""


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


def attempted(task: Task, *texts: str) -> str:
    """Do a task; a fault that would come again is an answer, after `FAULT`."""
    try:
        return task(*texts)
    except WORTH_ANOTHER_TRY:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this task's alone
        return FAULT + said_of(error)


def answered(name: str, text: str) -> Answer:
    """Return what became of a task that gave an answer."""
    return Answer(name, fault=text.removeprefix(FAULT)) if text.startswith(FAULT) else Answer(name, text)


def said_of(error: BaseException) -> str:
    """Return an error as one line without secrets; of a worker that died what there is to say of it."""
    if type(error).__name__ == KILLED:
        return KILLED
    return redacted(f"{type(error).__name__}: {error}".splitlines()[0])[:300]


def in_order(given: Mapping[str, Sequence[str]], first: Sequence[str]) -> list[str]:
    """Return the names, those to do first in front."""
    return [*(name for name in first if name in given), *(name for name in given if name not in set(first))]
