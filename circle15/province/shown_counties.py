"""The people of the counties and of the whole province as they are handed on: what a county's own pages hide stays so.

What its pages tell cannot be hidden beside another county's; the province's own figure is hidden instead.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from maps.shown_units import shown_units
from maps.withheld import BESIDE, FEW, MARKS

COVERED, AFTER, OWN_AFTER = "elders_covered", "elders_covered_after", "elders_covered_own"
PEOPLE = ("elders", COVERED, "elders_unknown", AFTER)
OWN_PLAN = 1
"""Stands where a year of a plan would: a county's own sites are there before those of its neighbours."""


def shown_counties(
    summaries: Mapping[str, Mapping[str, Any]], total: Mapping[str, Any], *, minutes: int
) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """Return the people of each county, by its code, and of all together, with marks where they are not told.

    `summaries` as from `circle15.province.county.summary_of`: exact, and what the county's own results hide.
    """
    today, after = f"elders_covered_{minutes}", f"elders_covered_{minutes}_after"
    columns = {"elders": "elders", COVERED: today, "elders_unknown": "elders_unknown", AFTER: after}
    known = {name for name in PEOPLE if not pd.isna(total.get(name))}
    rows, then = [], []
    for code, told in sorted(summaries.items()):
        hidden = {name: mark for name, mark in told["hidden"].items() if mark != FEW}  # few hide by themselves
        figures = {columns[name]: hidden.get(name, told[name]) for name in PEOPLE if name in known}
        if after in figures and told.get(OWN_AFTER, told[AFTER]) != told[AFTER]:
            figures[after] = told[AFTER]  # other sites serve it too: a figure of its own
        rows.append({"level": "county", "unit_id": code, **figures})
        then.append({"level": "county", "unit_id": code, today: hidden.get(AFTER, told.get(OWN_AFTER, told[AFTER]))})
    rows.append({"level": "city", "unit_id": "", **{columns[name]: total[name] for name in PEOPLE if name in known}})
    everyone = sum(told.get(OWN_AFTER, told[AFTER]) for told in summaries.values()) if AFTER in known else None
    own = {OWN_PLAN: pd.DataFrame([*then, {"level": "city", "unit_id": "", today: everyone}])} if AFTER in known else {}
    shown = shown_units(
        pd.DataFrame(rows, dtype=object), own, pd.DataFrame(index=[]), minutes=(minutes,), told=frozenset({"county"})
    )[0]
    found = [
        {name: row[columns[name]] if name in known else None for name in PEOPLE} for row in shown.to_dict("records")
    ]
    counties, of_all = dict(zip([str(row["unit_id"]) for row in rows[:-1]], found[:-1], strict=True)), found[-1]
    for name in (name for name in PEOPLE if name != AFTER):
        for code, told in summaries.items():
            if counties[code][name] in MARKS and name not in told["hidden"]:  # its own page tells it
                counties[code][name], of_all[name] = told[name], BESIDE
    return counties, of_all


def hidden_here(row: "pd.Series[Any]", *, minutes: int) -> dict[str, str]:
    """Return which figures of a county its own results hide: the mark by the name that summaries have for it."""
    names = {"elders": "elders", COVERED: f"elders_covered_{minutes}", "elders_unknown": "elders_unknown"}
    names[AFTER] = f"elders_covered_{minutes}_after"
    return {name: str(row[column]) for name, column in names.items() if column in row and row[column] in MARKS}
