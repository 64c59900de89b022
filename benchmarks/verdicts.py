"""All packs judged on a made city of 800 communities and 300 housing projects. `python -m benchmarks.verdicts`.

Reach is not part of it: the coverage stands in the tables, as a run hands it over. The texts of verdicts are put
together when they are read; the second line is that reading, once in each language.
"""

import random
from datetime import date
from typing import Any

import pandas as pd

from benchmarks.harness import Contender, Row, WrongAnswerError, arguments, compare, seconds
from gis.tables import HOUSING
from policy.assess import assess_all
from policy.evidence import Evidence
from policy.load import load_pack, packs
from policy.table import verdict_table

DAY = date(2022, 6, 30)
COMMUNITIES, VILLAGES, STREETS, COUNTIES = 550, 250, 60, 8
FACILITIES, PROJECTS = 900, 300
KINDS = ("day_care", "day_care", "street_centre", "rural_station", "county_complex", "nursing_home")


def made_city(seed: int = 15) -> Evidence:
    """Return a city drawn at random, with what is missing in every such city missing here and there."""
    draw = random.Random(seed)  # noqa: S311  # a made city keeps no secrets
    units = pd.DataFrame([_unit(i, draw) for i in range(COMMUNITIES + VILLAGES)]).set_index("community_id")
    places = pd.DataFrame([_place(i, units, draw) for i in range(FACILITIES)]).set_index("facility_id")
    housing = pd.DataFrame([_project(i, draw) for i in range(PROJECTS)]).set_index(["project_id", "phase"], drop=False)
    return Evidence(units, places, _coverage(units, draw), (5, 10, 15), housing=housing)


def _unit(i: int, draw: random.Random) -> dict[str, Any]:
    urban, street = i < COMMUNITIES, i % STREETS
    return {
        "community_id": f"4106{i:08d}",
        "name": f"社区{i:04d}" if urban else f"村{i:04d}",
        "urban": urban if i % 97 else None,
        "street_level": "street" if street % 3 else "town",
        "street_id": f"4106{street:05d}",
        "street": f"街道{street:02d}",
        "county_id": f"41{street % COUNTIES:04d}",
        "county": ("淇滨区", "山城区", "鹤山区", "浚县", "淇县")[street % 5]
        if street % COUNTIES < 5
        else f"县{street}",
        "residents": draw.randint(800, 9000),
        "households": draw.randint(300, 3000),
        "elders": draw.randint(100, 1500),
        "finished": pd.Timestamp(2020 + i % 3, 6, 1) if i % 4 else pd.NaT,
    }


def _place(i: int, units: pd.DataFrame, draw: random.Random) -> dict[str, Any]:
    home = units.index[draw.randrange(len(units))] if i % 31 else None
    kind = draw.choice(KINDS)
    return {
        "facility_id": f"F{i:04d}",
        "name": f"设施{i:04d}",
        "kind": kind,
        "status": "in_use" if i % 9 else "built",
        "opened": pd.Timestamp(2016 + i % 7, 5, 1) if i % 11 else pd.NaT,
        "built": pd.NaT,
        "operator_type": "social" if i % 3 else "public",
        "floor_area_m2": float(draw.randint(150, 1500)) if i % 13 else None,
        "beds": draw.randint(5, 120) if i % 7 else None,
        "community_id": home,
        "street_id": None,
        "county_id": None,
        "community_declared": home,
        "community_by_position": home,
        "urban": None,
    }


def _project(i: int, draw: random.Random) -> dict[str, Any]:
    row: dict[str, Any] = {column.name: None for column in HOUSING.columns}
    row |= {"project_id": f"H{i:04d}", "phase": "", "name": f"小区{i:04d}", "households": draw.randint(80, 2500)}
    row |= {"new_estate": True, "care_required_m2": 300, "care_planned_m2": 300, "care_permitted_m2": 300}
    steps = ("planned", "started", "finished", "accepted", "delivered")
    reached = draw.randint(0, len(steps))
    for n, step in enumerate(steps[:reached]):
        row[f"housing_{step}"] = pd.Timestamp(2017 + n, 3, 1)
        row[f"care_{step}"] = pd.Timestamp(2017 + n, 3 + draw.choice((0, 0, 0, 2)), 1) if i % 5 else None
    row["care_built_m2"] = 300 - 20 * (i % 4 == 0) if reached > 2 else None
    return row


def _coverage(units: pd.DataFrame, draw: random.Random) -> pd.DataFrame:
    people = units[["name", "residents", "elders", "street_id", "county_id", "urban"]].assign(elders_unknown=0)
    for minutes, share in ((5, 0.2), (10, 0.5), (15, 0.8)):
        people[f"elders_covered_{minutes}"] = [int(n * share * draw.random()) for n in people["elders"]]
    numbers = ["residents", "elders", "elders_unknown", *(f"elders_covered_{m}" for m in (5, 10, 15))]
    levels = [people.assign(level="community", unit_id=people.index)]
    for level in ("street", "county"):
        sums = people.groupby(f"{level}_id")[numbers].sum()
        levels.append(sums.assign(level=level, unit_id=sums.index, name=sums.index))
    urban = people["urban"].fillna(value=True).astype(bool)
    for level, members in (("urban", people[urban]), ("rural", people[~urban]), ("city", people)):
        levels.append(pd.DataFrame([{**members[numbers].sum(), "level": level, "unit_id": level, "name": level}]))
    return pd.concat(levels, ignore_index=True)[["level", "unit_id", "name", *numbers]]


def main() -> None:
    """Print the table."""
    given = arguments(__doc__)
    policies = [load_pack(name) for name in packs()]
    city = made_city()

    def judged(verdicts: Any) -> str:
        rules = {rule.id for policy in policies for rule in policy.rules if rule.form != "terms"}
        if {v.rule_id for v in verdicts} != rules:
            raise WrongAnswerError("a rule has no verdict")
        return f"{len(policies)} packs, {len(rules)} rules, {len(verdicts):,} verdicts"

    verdicts = assess_all(policies, city, as_of=DAY).verdicts
    read_s = [
        seconds(lambda language=language: verdict_table(verdicts, language=language))[0] for language in ("zh", "en")
    ]
    ours = Contender("circle15", lambda _: assess_all(policies, city, as_of=DAY).verdicts, judged)
    texts = Row("their texts, both languages", 0, sum(read_s), None, None, "run once")
    compare(
        f"verdicts: {COMMUNITIES + VILLAGES} communities, {PROJECTS} housing projects, all packs",
        [ours],
        runs=given.runs,
        also=[texts],
    )


if __name__ == "__main__":
    main()
