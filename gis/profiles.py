"""Profiles of walkers (`paces.toml`): what a metre of a street costs them by its tags, and where walkers wait."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

INCLINE = re.compile(r"([-+]?\d{1,4}(?:[.,]\d{1,6})?) ?(%|°)?|(\d{1,4}(?:\.\d{1,6})?) ?: ?(\d{1,4}(?:\.\d{1,6})?)")


@cache
def paces() -> Mapping[str, Any]:
    """Return the table of paces."""
    return tomllib.loads(files(__package__).joinpath("paces.toml").read_text(encoding="utf-8"))


def profile_speeds() -> dict[str, float]:
    """Return the walking speed (m/s) on the level of each profile.

    >>> profile_speeds()["planning"]
    1.0
    """
    return {name: profile["speed_m_s"] for name, profile in paces()["profile"].items()}


def slope_of(incline: str) -> float | None:
    """Return the slope that an `incline` tag gives, always uphill; None where it gives no number ("up", "yes").

    >>> [slope_of(text) for text in ("8%", "-10 %", "1:12", "45°", "up", "5")]
    [0.08, 0.1, 0.08333333333333333, 0.9999999999999999, None, 0.05]
    """
    found = INCLINE.fullmatch(incline.strip())
    if not found:
        return None
    number, unit, rise, run = found.groups()
    if rise:
        return float(rise) / float(run) if float(run) else np.inf
    value = abs(float(number.replace(",", ".")))
    return float(np.tan(np.radians(min(value, 89.0)))) if unit == "°" else value / 100


def effort_of(tags: Mapping[str, str], profile: str) -> float:
    """Return what a metre of a way with these tags costs on level ground, infinite where the profile cannot use it.

    >>> effort_of({"highway": "steps"}, "frail"), effort_of({"highway": "steps"}, "wheelchair")
    (4.0, inf)
    >>> effort_of({"highway": "steps", "ramp:wheelchair": "yes"}, "wheelchair")
    1.0
    """
    rules = paces()["profile"][profile]
    efforts = [1.0, *(rule["effort"] for rule in rules.get("rule", ()) if has_tag(tags, {rule["tag"]: rule["is"]}))]
    steepest = rules.get("steepest", {}).get("slope", np.inf)
    if (slope_of(tags.get("incline", "")) or 0) > steepest:
        efforts.append(np.inf)
    if has_tag(tags, rules.get("passable", {})):
        efforts = [effort for effort in efforts if effort < np.inf]
    return float(max(efforts))


def has_tag(tags: Mapping[str, str], wanted: Mapping[str, list[str]]) -> bool:
    """Return whether one of the tags has one of the wanted values; "*" is any but "no"."""
    for key, values in wanted.items():
        given = [one.strip() for one in tags.get(key, "").split(";")]
        if any(one in values or ("*" in values and one not in {"", "no"}) for one in given):
            return True
    return False


def is_crossing(tags: Mapping[str, str]) -> bool:
    """Return whether a node with these tags is one where walkers wait for traffic."""
    return tags.get("crossing") != "no" and has_tag(tags, paces()["crossing"]["node"])


def kept_tags(ways: Sequence[Mapping[str, str]]) -> tuple[tuple[Mapping[str, str], ...], np.ndarray]:
    """Return the different sets of tags of the ways, only the keys that a pace reads, and which set each way has.

    >>> kept_tags([{"highway": "steps", "name": "A"}, {"highway": "steps"}])
    (({'highway': 'steps'},), array([0, 0], dtype=int32))
    """
    number: dict[tuple[tuple[str, str], ...], int] = {}
    keys = paces()["kept"]
    of_way = [number.setdefault(tuple((k, tags[k]) for k in keys if k in tags), len(number)) for tags in ways]
    return tuple(map(dict, number)), np.array(of_way, dtype=np.int32)
