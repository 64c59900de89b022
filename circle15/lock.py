"""One run at a time in an output folder: a lock that names its owner and ends with the process that holds it.

The system's own file lock is what counts: it ends when its process does, however that ended. The text in the file only
says who holds it; text in a file that nobody holds is what a stopped run left.
"""

import errno
import getpass
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from gis.errors import Finding, blocked

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_HELD = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS)
_FAR = 1 << 30
"""Windows locks bytes against reading too: the byte locked lies far behind the text."""


@dataclass(frozen=True)
class Owner:
    """Who holds a lock: process, machine, person and since when."""

    pid: int
    host: str
    user: str
    start: str

    def __str__(self) -> str:
        """Return the owner as people say it."""
        return f"{self.user}@{self.host}, PID {self.pid}, {self.start}"


def lock_file(folder: Path) -> Path:
    """Return where the lock of an output folder lies: beside it."""
    return folder.with_name(f".{folder.name}.lock")


@contextmanager
def held(folder: Path) -> Iterator[Owner | None]:
    """Hold the output folder for this run; give the owner of a run that was stopped in it, None where there is none.

    Raises OutputError (FOLDER_BUSY, naming the other run) where another run holds it, OSError where no lock can be
    written.
    """
    path = lock_file(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = _locked(path)
    if descriptor is None:
        raise blocked(Finding("FOLDER_BUSY", "reject", folder.name, str(_owner(path) or path.name)))
    try:
        before = _owner(path)
        _write(descriptor, json.dumps(asdict(_me())).encode())
        yield before
    finally:
        _release(path, descriptor)


def _locked(path: Path) -> int | None:
    """Return the lock file, opened and locked; None where another process has it."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            mine = _by_system(descriptor, path)
        except OSError as error:
            os.close(descriptor)
            if error.errno in _HELD:
                return None
            raise
        if mine:
            return descriptor
        os.close(descriptor)  # its run has ended and taken the file along: there is a new one to take


def _by_system(descriptor: int, path: Path) -> bool:
    """Lock a file that still has its name; without locks on the disk its owner tells. Raises OSError if held."""
    if sys.platform == "win32":
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        other = _owner(path)
        if other is not None and _may_live(other):
            raise BlockingIOError(errno.EAGAIN, "held", str(path)) from error
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _release(path: Path, descriptor: int) -> None:
    """Give the lock up: first the name, then the lock, so that nobody waits for a file that is gone."""
    with suppress(OSError):
        _write(descriptor, b"")
    if sys.platform == "win32":  # there an open file keeps its name
        os.close(descriptor)
        with suppress(OSError):
            path.unlink()
        return
    with suppress(OSError):
        path.unlink()
    os.close(descriptor)


def _write(descriptor: int, text: bytes) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.truncate(descriptor, 0)
    os.write(descriptor, text)


def _owner(path: Path) -> Owner | None:
    """Return the owner that a lock names, None where it names none that can be read."""
    try:
        return Owner(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def _me() -> Owner:
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):
        user = "?"
    return Owner(os.getpid(), socket.gethostname(), user, time.strftime("%Y-%m-%d %H:%M:%S"))


def _may_live(owner: Owner) -> bool:
    """Return whether a process may still be at work: one of another machine always may."""
    if owner.host != socket.gethostname():
        return True
    try:
        os.kill(owner.pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return owner.pid != os.getpid()
