"""What can be walked: the table of tags (`walkable.toml`) and how a way's tags are read by it."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def walkable() -> Mapping[str, Any]:
    """Return the table of what can be walked."""
    return tomllib.loads(files(__package__).joinpath("walkable.toml").read_text(encoding="utf-8"))


def is_walkable(tags: Mapping[str, str]) -> bool:
    """Return whether a way with these tags can be walked, by the table.

    >>> is_walkable({"highway": "footway"}), is_walkable({"highway": "motorway", "foot": "yes"})
    (True, False)
    >>> is_walkable({"highway": "service", "access": "no"}), is_walkable({"highway": "steps", "foot": "no"})
    (False, False)
    """
    rules = walkable()
    if tags.get("highway") not in rules["highway"] or tags.get("motorroad") in rules["motorroad_forbidden"]:
        return False
    foot = tags.get("foot")
    return foot in rules["foot_allowed"] or not (
        foot in rules["foot_forbidden"] or tags.get("access") in rules["access_forbidden"]
    )


def is_private(tags: Mapping[str, str]) -> bool:
    """Return whether a walkable way lies behind a gate: private on foot, or private and nothing said of walkers."""
    return tags.get("foot", tags.get("access")) in walkable()["private"]


def directions(tags: Mapping[str, str]) -> tuple[bool, bool]:
    """Return whether a way is walked along its nodes and against them."""
    one_way = tags.get("oneway:foot") or (
        tags.get("conveying") if tags.get("conveying") in {"forward", "backward"} else ""
    )
    return one_way not in {"-1", "backward"}, one_way not in {"yes", "1", "forward"}
