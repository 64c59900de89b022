"""Workers of Dask: on this machine, or with a scheduler elsewhere."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from circle15.machine import free_memory_bytes
from circle15.province.client import PATIENCE_GONE_S, Client
from circle15.province.project import PROVINCE_FILE, Engine
from gis.cores import CORES
from gis.errors import Finding, InputError, blocked

MIB = 1 << 20
SHARE_OF_MEMORY = 0.9
"""So much of the free memory is dealt out to the workers; the rest is for who deals it out."""


def workers_here(engine: Engine, *, memory_bytes: int, cores: int, free_bytes: int | None) -> tuple[int, int]:
    """Return how many workers this machine has room for and how many bytes each gets.

    Raises InputError (MEMORY_SHORT) where not even one gets what a task is expected to need.

    >>> workers_here(Engine(), memory_bytes=2 << 30, cores=8, free_bytes=10 << 30)
    (4, 2415919104)
    """
    room = None if free_bytes is None else int(free_bytes * SHARE_OF_MEMORY)
    most = cores if room is None else min(cores, room // max(memory_bytes, 1))
    count = engine.workers or max(1, most)
    each = engine.memory_mb * MIB if engine.memory_mb else memory_bytes if room is None else room // count
    if each < memory_bytes:
        found, needed = f"{count} x {each // MIB:,} MiB", f">= {memory_bytes // MIB:,} MiB"
        raise InputError([Finding("MEMORY_SHORT", "reject", f"{PROVINCE_FILE}:engine", found, allowed=needed)])
    return count, each


@contextmanager
def here(engine: Engine, memory_bytes: int) -> Iterator[Client]:
    """Give workers on this machine, one core each, that nobody outside it can reach."""
    import dask  # noqa: PLC0415 - an extra
    import distributed  # noqa: PLC0415

    cores = os.cpu_count() or 1
    count, each = workers_here(engine, memory_bytes=memory_bytes, cores=cores, free_bytes=free_memory_bytes())
    with ExitStack() as stack:
        stack.enter_context(dask.config.set(_manners(engine)))
        stack.enter_context(_environment({CORES: os.environ.get(CORES, str(max(1, cores // count)))}))
        cluster = stack.enter_context(
            distributed.LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                memory_limit=each,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
            )
        )
        client = stack.enter_context(distributed.Client(cluster))
        yield Client(client, engine.retries, begin=lambda: cluster.scale(len(cluster.workers) + 1))


@contextmanager
def elsewhere(engine: Engine) -> Iterator[Client]:
    """Give the workers of a scheduler that somebody else started."""
    import dask  # noqa: PLC0415 - an extra
    import distributed  # noqa: PLC0415

    tls = engine.tls
    security = tls and distributed.Security(
        tls_ca_file=tls.ca, tls_client_cert=tls.cert, tls_client_key=tls.key, require_encryption=True
    )
    with ExitStack() as stack:
        stack.enter_context(dask.config.set(_manners(engine)))
        try:
            client = distributed.Client(engine.scheduler, security=security, timeout=PATIENCE_GONE_S)
        except (OSError, ValueError) as error:
            found = Finding("ENGINE_LOST", "reject", f"{PROVINCE_FILE}:engine.scheduler", str(engine.scheduler))
            raise blocked(found) from error
        yield Client(stack.enter_context(client), engine.retries)


def _manners(engine: Engine) -> dict[str, Any]:
    """Return how Dask is to treat workers: above its memory it is ended, not slowed down."""
    memory = "distributed.worker.memory."
    return {
        "distributed.scheduler.allowed-failures": engine.retries,
        "distributed.worker.daemon": False,  # a solver is a process of its own
        "distributed.worker.profile.enabled": False,  # it looks at the work a hundred times a second
        f"{memory}target": False,
        f"{memory}spill": False,
        f"{memory}pause": False,
        f"{memory}terminate": 0.95,
        "distributed.comm.timeouts.connect": "10s",
        "distributed.worker.preload": ["circle15.province.undisturbed"],
    }


@contextmanager
def _environment(said: Mapping[str, str]) -> Iterator[None]:
    """Set variables of the environment for the processes that are begun meanwhile."""
    before = {name: os.environ.get(name) for name in said}
    os.environ.update(said)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
