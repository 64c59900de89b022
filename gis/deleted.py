"""What a file of streets says of itself: this was deleted in the editor, all this is history, the download broke off.

The library reads such a file as if all of it were there: `action="delete"` of JOSM is no word of the format.
"""

import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from gis.errors import Finding, InputError

CHUNK_BYTES = 1 << 24
KINDS = ("node", "way", "relation")
_MARKS = (b"delete", b"false", b"<remark")
_OPENING = re.compile(rb"<(node|way|relation)\s([^<]*)")
_DELETED = re.compile(rb"""\baction=(["'])delete\1""")
_OLD = re.compile(rb"""\bvisible=(["'])false\1""")
_ID = re.compile(rb"""\bid=["'](-?\d{1,19})["']""")
_REMARK = re.compile(rb"<remark>\s*(runtime error[^<]*)")
_SHOWN = 80


def deleted(path: Path, *, packed: bool) -> Mapping[str, frozenset[int]]:
    """Return the ids of nodes, ways and relations that an OSM XML file marks as deleted in the editor.

    `packed`: by gzip. Raises InputError for a history, which also has what is no longer there, for a download that the
    server broke off, and for a damaged gzip file.
    """
    gone: dict[str, set[int]] = {kind: set() for kind in KINDS}
    try:
        with path.open("rb") as file, gzip.open(file) if packed else file as stream:
            for text in _texts(stream.read):
                if broken_off := _REMARK.search(text):
                    said = broken_off[1].decode("utf-8", "replace").strip()[:_SHOWN]
                    raise InputError([Finding("STREETS_PARTIAL", "reject", str(path), said)])
                for kind, words in _OPENING.findall(text):
                    number = _ID.search(words)
                    if number and _DELETED.search(words):
                        gone[kind.decode()].add(int(number[1]))
                    elif _OLD.search(words):
                        raise InputError([Finding("STREETS_HISTORY", "reject", str(path), 'visible="false"')])
    except (EOFError, OSError, zlib.error) as error:
        raise InputError([Finding("STREETS_BROKEN", "reject", str(path), str(error))]) from error
    return {kind: frozenset(ids) for kind, ids in gone.items()}


def _texts(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Yield the parts of a file that may have one of the marks, cut before a tag, in bounded memory."""
    rest = b""
    while block := read(CHUNK_BYTES):
        whole, mark, tail = (rest + block).rpartition(b"<")
        rest = (mark + tail)[:CHUNK_BYTES]  # a longer tag is none; the library says so
        if any(word in whole for word in _MARKS):
            yield whole
    if any(word in rest for word in _MARKS):
        yield rest
