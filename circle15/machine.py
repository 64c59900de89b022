"""How much memory this machine has left for a run."""

import ctypes
import sys
from pathlib import Path


def free_memory_bytes() -> int | None:
    """Return how many bytes of memory a new program may still take, None where the system does not say."""
    if sys.platform == "win32":
        return _windows()
    import resource  # noqa: PLC0415 - there is none on Windows

    found = [_free_of_linux(), *_left_of_group()]
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    found.append(None if limit == resource.RLIM_INFINITY else limit)
    return min((number for number in found if number is not None), default=None)


def _free_of_linux() -> int | None:
    for line in _text("/proc/meminfo").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _left_of_group() -> list[int | None]:
    """Return what a container leaves."""
    pairs = (
        ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
        ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    )
    texts = [(_text(most).strip(), _text(used).strip()) for most, used in pairs]
    return [max(int(most) - int(used), 0) for most, used in texts if most.isdigit() and used.isdigit()]


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except OSError:
        return ""


class _MemoryStatus(ctypes.Structure):
    _fields_ = (
        ("length", ctypes.c_ulong),
        ("load", ctypes.c_ulong),
        *(
            (name, ctypes.c_ulonglong)
            for name in ("total", "free", "page", "page_free", "virtual", "virtual_free", "x")
        ),
    )


def _windows() -> int | None:
    status = _MemoryStatus()
    status.length = ctypes.sizeof(status)
    found = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined,unused-ignore]
    return int(status.free) if found else None
