"""All benchmarks one after the other: `python -m benchmarks`; with `--write` the tables go into README.md.

Options after the name of one benchmark are its own: `python -m benchmarks.reach --help`.
"""

import subprocess
import sys
from pathlib import Path

ALL = (
    "reach",
    "nearest",
    "nearest --side 4",
    "triples",
    "snapping",
    "isochrone",
    "reading",
    "start",
    "whole_job",
    "size",
    "siting_spopt",
    "verdicts",
    "province",
)
README = Path(__file__).with_name("README.md")
MARK = "<!-- below: written by `python -m benchmarks --write` -->\n"


def main() -> int:
    """Run them all with the options given; return how many refused to show times or failed."""
    options = [option for option in sys.argv[1:] if option != "--write"]
    told, failed = [], 0
    for each in ALL:
        name, *own = each.split()
        command = [sys.executable, "-m", f"benchmarks.{name}", *own, *options]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        print(done.stdout, flush=True)
        failed += done.returncode != 0
        told += [f"`python -m benchmarks.{each}`", done.stdout or "refused: no times", ""]
    if "--write" in sys.argv:
        before = README.read_text(encoding="utf-8").split(MARK)[0]
        README.write_text("\n".join([before + MARK, *told]), encoding="utf-8")
    return failed


if __name__ == "__main__":
    sys.exit(main())
