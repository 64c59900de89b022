"""A connection to a bureau's PostGIS: to the named host alone, an end to every wait, every failure in words."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa

from gis.address import Address
from gis.errors import Finding, InputError, PlanningError, blocked

CALENDAR = "Asia/Shanghai"
"""A moment with a time zone is the day that it is in the bureau's office."""
_SILENT_MS = 60_000
_STATES = {
    "28000": "POSTGIS_LOGIN",
    "28P01": "POSTGIS_LOGIN",
    "3D000": "POSTGIS_NO_DATABASE",
    "3F000": "POSTGIS_NO_SCHEMA",
    "42P01": "POSTGIS_NO_TABLE",
    "42501": "POSTGIS_NO_RIGHT",
    "55P03": "POSTGIS_LOCKED",
    "57014": "POSTGIS_LOCKED",
    "42P07": "POSTGIS_TAKEN",
    "42703": "POSTGIS_TAKEN",
    "2BP01": "POSTGIS_NEEDED",
    "53100": "POSTGIS_FULL",
}
_SETTINGS = sa.text(
    "SELECT set_config('lock_timeout', :lock, true), set_config('TimeZone', :calendar, true),"
    " set_config('extra_float_digits', '1', true)"
)
_EXTENSION = sa.text(
    "SELECT set_config('search_path', 'pg_catalog, ' || quote_ident(nspname), true)"
    " FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'postgis'"
)


@contextmanager
def connected(address: Address, *, write: bool = False) -> Iterator[sa.Connection]:
    """Give a connection in one transaction that is committed at the end, or undone where anything fails.

    Reading sees one moment of the database and cannot write. Of names only those of PostgreSQL and of PostGIS are known
    without their schema. Raises InputError, for writing OutputError, that says what is in the way.
    """
    try:
        with _engine(address).connect() as plain:
            isolated = "READ COMMITTED" if write else "REPEATABLE READ"
            connection = plain.execution_options(isolation_level=isolated, postgresql_readonly=not write)
            with connection.begin():
                connection.execute(_SETTINGS, {"lock": f"{address.lock_s}s", "calendar": CALENDAR})
                if connection.execute(_EXTENSION).scalar() is None:
                    raise failed(Finding("POSTGIS_NO_EXTENSION", "reject", str(address)), write=write)
                yield connection
    except sa.exc.DBAPIError as error:
        raise failed(_why(error.orig, address), write=write) from error
    except psycopg.Error as error:  # of a copy, which goes past the library of tables
        raise failed(_why(error, address), write=write) from error
    except UnicodeError as error:
        raise failed(Finding("TEXT_ENCODING", "reject", str(address)), write=write) from error


def failed(finding: Finding, *, write: bool) -> PlanningError:
    """Return the error for what could not be read, or not be written."""
    return blocked(finding) if write else InputError([finding])


def _engine(address: Address) -> sa.Engine:
    """Return the means to connect; whatever the environment says of other hosts does not count."""
    url = sa.URL.create(
        "postgresql+psycopg", address.user, address.password, address.host, address.port, address.database
    )
    arguments = {
        "hostaddr": "",  # PGHOSTADDR, PGSERVICE: the host is the one that the project names
        "connect_timeout": address.connect_s,
        "tcp_user_timeout": _SILENT_MS,
        "keepalives_idle": 30,
        "client_encoding": "utf8",
        "application_name": "circle15",
    }
    return sa.create_engine(url, connect_args=arguments, poolclass=sa.NullPool, hide_parameters=True)


def _why(error: BaseException | None, address: Address) -> Finding:
    """Return what went wrong, by the state that the server names; before that it names none."""
    state = getattr(error, "sqlstate", None)
    told = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    said = " ".join((told or str(error)).split())
    if state is None and isinstance(error, psycopg.OperationalError):
        code = _before_login(error, address)
    else:
        code = _STATES.get(state or "", "POSTGIS_FAILED")
    if code == "POSTGIS_LOGIN":
        said = address.user or ""
    elif address.password:
        said = said.replace(address.password, "***")
    return Finding(code, "reject", str(address), said)


def _before_login(error: psycopg.OperationalError, address: Address) -> str:
    """Tell a wrong password from a missing database and a silent host, in whatever language the server speaks.

    A server names the database in quotes where it is missing, and the user where it does not let him in.
    """
    said = str(error)
    names_database = f'"{address.database}"' in said or f"“{address.database}”" in said
    info = error.pgconn
    asked = info is not None and (info.needs_password or info.used_password)
    if names_database and not (address.user and address.user != address.database and f'"{address.user}"' in said):
        return "POSTGIS_NO_DATABASE"
    return "POSTGIS_LOGIN" if asked or names_database or "pg_hba" in said else "POSTGIS_REFUSED"
