"""A solver as a process that is watched: what it says is heard line by line, and it ends when its time is over."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MEMORY_SHARE = 0.75
"""A solver may hold so much of the computer's memory: beyond that a planner's computer stands still."""
SLICE_S = 0.05


@dataclass(frozen=True)
class End:
    """How a process ended: its exit code (None: it was killed when its time was over), or why it did not start."""

    code: int | None
    refused: str = ""


def watch(
    command: Sequence[str],
    *,
    folder: Path,
    seconds: float,
    hear: Callable[[str], None],
    memory_mb: int | None = None,
    more: Mapping[str, str] | None = None,
) -> End:
    """Run a command in a folder for at most so many seconds of wall time and hear its lines; it never outlives this.

    `memory_mb` bounds its memory where the system can do that (Linux); `more` are variables of its environment.
    """
    end = time.monotonic() + seconds
    hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        process = subprocess.Popen(  # noqa: S603 - our own child, or the CBC that PuLP brings
            command,
            cwd=folder,
            env={**os.environ, **(more or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=os.name == "posix",
            creationflags=hidden,
        )
    except OSError as error:
        return End(None, refused=error.strerror or type(error).__name__)
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    reader = threading.Thread(target=_read, args=(process, lines), daemon=True)
    try:
        _bound_memory(process.pid, memory_mb)
        reader.start()
        while (left := end - time.monotonic()) > 0:
            with contextlib.suppress(queue.Empty):
                line = lines.get(timeout=min(left, SLICE_S))
                if line is None:
                    break
                hear(line)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return End(process.wait(timeout=max(end - time.monotonic(), 0)))
        return End(None)
    finally:
        _kill(process)
        reader.join(timeout=1)


def _read(process: "subprocess.Popen[bytes]", lines: "queue.SimpleQueue[str | None]") -> None:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    with process.stdout as out:
        for line in out:
            lines.put(line.decode("utf-8", "replace"))
    lines.put(None)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End a process and whatever it started."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


def _bound_memory(pid: int, memory_mb: int | None) -> None:
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - there is none on Windows

        most = MEMORY_SHARE * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        wanted = int(most) if memory_mb is None else memory_mb * 2**20
        with contextlib.suppress(OSError, ValueError):
            resource.prlimit(pid, resource.RLIMIT_AS, (wanted, wanted))
