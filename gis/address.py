"""The address of a table or a schema in a bureau's PostGIS, and its password kept apart from all that is said."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from gis.secrets import STARS

SCHEME = "postgis://"
PORT = 5432
LONGEST_NAME_BYTES = 63
"""What PostgreSQL keeps of a name; it cuts a longer one without a word."""
_ADDRESS = re.compile(
    r"postgis://(?:(?P<user>[^:@/]*)(?::(?P<password>.*))?@)?(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?/(?P<database>[^/@]+)/(?P<place>[^/@]+)",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Address:
    """Where a table (or, without `table`, a schema) lies; `connect_s` and `lock_s` are how many seconds are waited.

    As text it has neither user nor password.
    """

    host: str
    database: str
    schema: str
    table: str | None = None
    port: int = PORT
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    connect_s: int = 10
    lock_s: int = 10

    def __str__(self) -> str:
        """Return the address as it is said."""
        port = "" if self.port == PORT else f":{self.port}"
        return f"{SCHEME}{self.host}{port}/{self.database}/{self.name}"

    @property
    def name(self) -> str:
        """Return the schema and the table."""
        return self.schema if self.table is None else f"{self.schema}.{self.table}"


def is_address(text: str) -> bool:
    """Return whether a text names a place in a database and not a file."""
    return text.lower().startswith(SCHEME)


def read_address(text: str, *, of_table: bool = True) -> Address:
    """Return the address of a table, or of a schema.

    Names are of letters, digits and `_`; a sign of another meaning stands as `%2F` in a password. Raises ValueError
    where the text is no such address.

    >>> print(read_address("postgis://office:geheim@10.0.0.1/plan/public.设施"))
    postgis://10.0.0.1/plan/public.设施
    """
    form = f"{SCHEME}host[:port]/database/schema{'.table' if of_table else ''}"
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise ValueError(form)
    names = [unquote(name) for name in (found["database"], *found["place"].split("."))]
    port = int(found["port"] or PORT)
    proper = all(_NAME.fullmatch(n) and len(n.encode()) <= LONGEST_NAME_BYTES for n in names)
    if not proper or len(names) != 2 + of_table or not 0 < port <= 0xFFFF:  # noqa: PLR2004 - database and schema
        raise ValueError(form)
    password = found["password"]
    return Address(
        host=found["host"].strip("[]"),
        database=names[0],
        schema=names[1],
        table=names[2] if of_table else None,
        port=port,
        user=unquote(found["user"] or "") or None,
        password=None if password in (None, "", STARS) else unquote(password),
    )


def without_passwords(said: object) -> tuple[object, Mapping[str, str]]:
    """Return plain data whose addresses show `***` for a password, and the passwords by what then stands there.

    >>> without_passwords({"path": "postgis://a:b@h/d/s.t"})
    ({'path': 'postgis://a:***@h/d/s.t'}, {'postgis://a:***@h/d/s.t': 'b'})
    """
    kept: dict[str, str] = {}

    def hidden(part: object) -> object:
        if isinstance(part, dict):
            return {key: hidden(value) for key, value in part.items()}
        if isinstance(part, list):
            return [hidden(value) for value in part]
        if not isinstance(part, str) or not is_address(part.strip()):
            return part
        login, at, place = part.strip()[len(SCHEME) :].rpartition("@")  # a password may hold any sign, a place no @
        user, colon, password = login.partition(":")
        if not at or not colon or not password:
            return part
        shown = f"{SCHEME}{user}:{STARS}@{place}"
        kept[shown] = unquote(password)
        return shown

    return hidden(said), kept
