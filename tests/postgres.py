"""A PostgreSQL with PostGIS of a test's own: a cluster in a temporary folder, heard on this machine alone."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

ADMIN, OFFICE, READER = "keeper", "office", "reader"
PASSWORDS = {ADMIN: "Keeper-5511", OFFICE: "Buero/4@4:7", READER: "Leser-9090"}
"""One has signs that mean something in an address."""


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs where PostGIS is installed with them, None where not."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        control = Path("/usr/share/postgresql") / folder.parent.name / "extension" / "postgis.control"
        if (folder / "initdb").is_file() and control.is_file():
            return folder
    return None


@dataclass(frozen=True)
class Cluster:
    """A running server: its port, and a connection to a database as somebody."""

    port: int

    def connect(self, user: str = ADMIN, database: str = "plan") -> psycopg.Connection:
        """Return a connection that keeps each statement at once."""
        return psycopg.connect(
            host="127.0.0.1",
            hostaddr="127.0.0.1",
            port=self.port,
            dbname=database,
            user=user,
            password=PASSWORDS[user],
            autocommit=True,
        )

    def do(self, *statements: str, user: str = ADMIN, database: str = "plan") -> list[tuple[object, ...]]:
        """Carry statements out and return the rows of the last."""
        with self.connect(user, database) as connection:
            for statement in statements:
                answer = connection.execute(statement.encode())
            return answer.fetchall() if answer.description else []

    def address(self, place: str, *, user: str = OFFICE, database: str = "plan", password: str = "") -> str:
        """Return an address with its password as it is typed."""
        return f"postgis://{user}:{password or PASSWORDS[user]}@127.0.0.1:{self.port}/{database}/{place}"


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Start a server with a database `plan` that has PostGIS and one `bare` that has not, and end it."""
    home = Path(tempfile.mkdtemp(prefix="circle15-pg-"))
    user = None
    if os.geteuid() == 0:  # the server will not run as root
        user = "postgres"  # whom the installation made
        shutil.chown(home, user)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (home / "words").write_text(PASSWORDS[ADMIN])
    (home / "words").chmod(0o644)
    data, told = home / "data", {"cwd": home, "user": user, "stdout": subprocess.DEVNULL}
    made = ["-U", ADMIN, "-A", "scram-sha-256", f"--pwfile={home / 'words'}", "-E", "UTF8", "--locale=C", "-N"]
    settings = f"-p {port} -c listen_addresses=127.0.0.1 -k {home} -c fsync=off -c full_page_writes=off"
    try:
        subprocess.run([folder / "initdb", "-D", data, *made], check=True, **told)
        subprocess.run(
            [folder / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", settings, "start"], check=True, **told
        )
        here = Cluster(port)
        here.do("CREATE DATABASE plan", "CREATE DATABASE bare", database="postgres")
        for who in (OFFICE, READER):
            here.do(f"CREATE ROLE {who} LOGIN PASSWORD '{PASSWORDS[who]}'")
        here.do("CREATE EXTENSION postgis", f"CREATE SCHEMA results AUTHORIZATION {OFFICE}",
                f"CREATE SCHEMA work AUTHORIZATION {OFFICE}")  # fmt: skip
        yield here
    finally:
        if (data / "postmaster.pid").exists():
            subprocess.run([folder / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"], check=True, **told)
        shutil.rmtree(home, ignore_errors=True)
