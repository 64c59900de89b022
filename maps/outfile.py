"""Writing a result beside its place and then renaming it: a failed run leaves the earlier result whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from gis.errors import OutputError


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Give a path of the same name in a new folder beside `path`; what is written there replaces `path` at the end.

    Raises OutputError where the folder or the file cannot be written; `path` is then as it was.
    """
    try:
        with TemporaryDirectory(dir=path.parent, prefix=".") as folder:
            draft = Path(folder) / path.name
            yield draft
            on_disk(draft)
            draft.replace(path)
    except OSError as fault:
        raise OutputError(f"{path}: {fault.strerror or fault}") from fault


def on_disk(path: Path) -> None:
    """Return when a file, or on systems that allow it a folder, is on the disk and not only on its way there."""
    if path.is_dir() and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)  # Windows keeps only what may be written
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
