"""The results take their place as one folder, in one step: whatever stops a run, the old or the new results are whole.

The steps, the states they leave and what the next run makes of them: docs/decisions/durability.md.
"""

import ctypes
import errno
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from pathlib import Path

from maps.outfile import on_disk

_HERE, _EXCHANGE = -100, 2
"""Linux: paths count from the working folder; the two names change places."""
_NO_EXCHANGE = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)


@contextmanager
def in_place_of(folder: Path, *, ours: AbstractSet[str]) -> Iterator[Path]:
    """Give a new empty folder beside `folder`; when all is written there, it takes its place.

    `ours`: the names of results; what else lies in the old folder moves along. Whoever calls holds the lock of the
    folder. Raises OSError where a step fails: the earlier results are then as they were.
    """
    recover(folder, ours=ours)
    fresh = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.new")
    fresh.mkdir(parents=True)
    try:
        yield fresh
        for path in (*fresh.iterdir(), fresh):
            on_disk(path)
        _swap(fresh, folder)
    finally:
        recover(folder, ours=ours)


def recover(folder: Path, *, ours: AbstractSet[str]) -> None:
    """Put right what a stopped run left: complete results in their place, half written ones away, notes kept."""
    ready, old = _ready(folder), _old(folder)
    if not folder.exists():
        for whole in (ready, old):
            if whole.exists() and not folder.exists():
                whole.rename(folder)
    for left in (ready, old):
        if left.exists():
            _move_along(left, folder, ours=ours)
    for left in folder.parent.iterdir() if folder.parent.is_dir() else ():
        if left.name.startswith(f".{folder.name}.") and left.name.endswith(".new"):
            shutil.rmtree(left, ignore_errors=True)


def _ready(folder: Path) -> Path:
    """Return where complete new results wait for their place, and old ones for being cleared away."""
    return folder.with_name(f".{folder.name}.ready")


def _old(folder: Path) -> Path:
    """Return where old results stand for a moment where two folders cannot change names in one step."""
    return folder.with_name(f".{folder.name}.old")


def _swap(fresh: Path, folder: Path) -> None:
    """Put complete results in the place of the old ones."""
    ready, old = _ready(folder), _old(folder)
    fresh.rename(ready)
    if not folder.exists():
        ready.rename(folder)
    elif not _exchanged(ready, folder):
        folder.rename(old)
        try:
            ready.rename(folder)
        except BaseException:
            if not folder.exists():
                old.rename(folder)
            raise
    on_disk(folder.parent)


def _exchanged(one: Path, other: Path) -> bool:
    """Let two folders change names in one step; False where the system or the disk knows no such step."""
    if not sys.platform.startswith("linux"):
        return False
    exchange = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if exchange is None:
        return False
    if exchange(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _NO_EXCHANGE:
        return False
    raise OSError(number, os.strerror(number), str(other))


def _move_along(left: Path, folder: Path, *, ours: AbstractSet[str]) -> None:
    """Move what a planner laid beside our results to the folder, none over another, and drop the rest."""
    for path in sorted(left.iterdir()):
        if path.name not in ours:
            place, number = folder / path.name, 2
            while place.exists():
                place, number = folder / f"{path.stem} ({number}){path.suffix}", number + 1
            path.rename(place)
    shutil.rmtree(left, ignore_errors=True)
