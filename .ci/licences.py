"""The licences that the packages of requirements.lock state, and those that want a second look.

    python .ci/licences.py

Run in an environment with these packages. Ends with 1 where one is under the GPL or AGPL, states nothing or is absent.
"""

import re
import sys
from collections import defaultdict
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements.lock"
UNKNOWN = ("nothing stated", "not installed here")
STRONG = re.compile(r"(?<!L)\bA?GPL|(?<!Lesser )General Public License")


def stated(name: str) -> str:
    """Return the licence a package states of itself: the expression, else its classifiers, else its own words."""
    found = metadata(name)
    classes = [c.rsplit(" :: ", 1)[-1] for c in found.get_all("Classifier") or [] if c.startswith("License ::")]
    own = (found.get("License") or "").strip().split("\n")[0]
    return found.get("License-Expression") or "; ".join(classes) or own or UNKNOWN[0]


def main() -> int:
    """List the packages by licence."""
    names = re.findall(r"^([\w.-]+)==", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    by_licence: dict[str, list[str]] = defaultdict(list)
    for name in names:
        try:
            by_licence[stated(name)].append(name)
        except PackageNotFoundError:
            by_licence[UNKNOWN[1]].append(name)
    for licence, packages in sorted(by_licence.items()):
        sys.stdout.write(f"{licence}: {', '.join(packages)}\n")
    return int(any(STRONG.search(licence) or licence in UNKNOWN for licence in by_licence))


if __name__ == "__main__":
    sys.exit(main())
