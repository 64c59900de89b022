"""All benchmarks one after the other: `python -m benchmarks > tables.md`; about half an hour.

Options after the name of one benchmark are its own: `python -m benchmarks.reach --help`.
"""

import subprocess
import sys

ALL = (
    ("reach",),
    ("nearest",),
    ("nearest", "--side", "4"),
    ("triples",),
    ("snapping",),
    ("isochrone",),
    ("reading",),
    ("start",),
    ("whole_job",),
    ("size",),
)


def main() -> int:
    """Run them all; return how many refused to show times or failed."""
    failed = 0
    for name, *options in ALL:
        command = [sys.executable, "-m", f"benchmarks.{name}", *options, *sys.argv[1:]]
        failed += subprocess.run(command, check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
