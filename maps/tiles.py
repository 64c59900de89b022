"""The address of tiles: one plain host of the bureau's network, so that the page can allow that host and no other."""

import re

_URL = re.compile(r"(https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?)/[A-Za-z0-9._~/?=&%+:,{}-]*")
_HOLES = ("{z}", "{x}", "{y}")


def tile_host(url: str) -> str:
    """Return scheme, host and port of an address of tiles.

    Raises ValueError where it is none: no `{z}`, `{x}` or `{y}`, another hole, a user's name, a sign of another use.

    >>> tile_host("http://10.1.2.3:8080/wmts/{z}/{y}/{x}?tk=abc")
    'http://10.1.2.3:8080'
    """
    found = _URL.fullmatch(url)
    if found is None or any(url.count(hole) != 1 for hole in _HOLES) or re.sub("{[zxy]}", "", url).count("{"):
        raise ValueError("http(s)://host/... with {z}, {x} and {y}, each once")
    return found[1]
