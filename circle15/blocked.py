"""Why results could not be written, in words that say what to do: disk full, no right, held by Excel, name taken."""

import errno
import os
import tempfile
from pathlib import Path

from gis.errors import Finding

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_PROBE = bytes(1 << 20)
_PROBES = 64
"""Mebibytes that must fit for a disk not to count as full."""


def why_blocked(error: BaseException, folder: Path) -> Finding:
    """Return what kept results from being written into a folder, from the error and, where it is silent, a trial."""
    cause = _cause(error)
    number = cause.errno if cause is not None else None
    named = Path(str(cause.filename)).name if cause is not None and cause.filename else ""
    found = " ".join(filter(None, (named, (cause.strerror if cause else "") or f"{type(error).__name__}")))
    if number in _FULL or "disk is full" in str(error) or (cause is None and _full(folder.parent)):
        code = "OUTPUT_FULL"
    elif isinstance(cause, (FileExistsError, NotADirectoryError, IsADirectoryError)):
        code = "OUTPUT_TAKEN"
    elif number in (errno.EACCES, errno.EPERM, errno.EROFS):
        code = "OUTPUT_HELD" if number != errno.EROFS and writable(folder.parent) else "OUTPUT_READ_ONLY"
    else:
        code = "OUTPUT_HELD" if number in (errno.EBUSY, errno.ETXTBSY) else "OUTPUT_BLOCKED"
    return Finding(code, "reject", folder.name, found)


def why_denied(error: PermissionError) -> Finding:
    """Return that a file or folder may not be read or written, or another program holds it."""
    return Finding("ACCESS_DENIED", "reject", str(error.filename or ""), error.strerror or "")


def writable(folder: Path) -> bool:
    """Return whether a file can be made in a folder, by making one."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _cause(error: BaseException | None) -> OSError | None:
    """Return the error of the system behind an error, None where there is none."""
    while error is not None and not isinstance(error, OSError):
        error = error.__cause__ or error.__context__
    return error


def _full(folder: Path) -> bool:
    """Return whether not much more fits: map libraries do not say why they could not write."""
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            for _ in range(_PROBES):
                probe.write(_PROBE)
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return error.errno in _FULL
    return False
