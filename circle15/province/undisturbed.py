"""What a worker of ours does first: Ctrl-C is for who deals the work out, who then ends its workers in order."""

import signal


def dask_setup(_: object) -> None:
    """Leave Ctrl-C to who began the worker; Dask calls this in each worker as it starts."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
