"""What workers are given in tests: tasks of plain texts, as an engine takes them."""

import os
import signal
import time
from pathlib import Path


def echo(text: str) -> str:
    """Say it again."""
    return text


def hog(megabytes: str) -> str:
    """Take so much memory and say how much."""
    held = bytearray(int(megabytes) << 20)
    held[:: 1 << 12] = bytes([1]) * len(held[:: 1 << 12])
    time.sleep(3)
    return str(len(held) >> 20)


def die(mark: str) -> str:
    """End the process that works here, always."""
    with Path(mark).open("a", encoding="ascii") as stream:
        stream.write("x")
    os.kill(os.getpid(), signal.SIGKILL)
    return ""


def stumble(mark: str) -> str:
    """Fail as a busy disk does the first time, then work."""
    path = Path(mark)
    tries = path.stat().st_size if path.is_file() else 0
    with path.open("a", encoding="ascii") as stream:
        stream.write("x")
    if tries == 0:
        raise OSError(16, "busy")
    return "done"


def err(mark: str) -> str:
    """Fail the same way each time."""
    with Path(mark).open("a", encoding="ascii") as stream:
        stream.write("x")
    raise ValueError("no such thing: password=hunter2")
