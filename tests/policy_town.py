"""Small cities for the policy tests: communities, facilities and coverage as the run hands them over."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from policy.evidence import Evidence

DAY = date(2022, 6, 30)


def communities(*rows: dict[str, Any]) -> pd.DataFrame:
    plain = {"urban": True, "street_level": "street", "street_id": "410611001", "street": "金山街道"}
    plain |= {"county_id": "410611", "county": "淇滨区"}
    filled = [{"name": f"社区{i:03d}", **plain, **row} for i, row in enumerate(rows)]
    index = [row.pop("community_id", f"410611001{i:03d}") for i, row in enumerate(filled)]
    return pd.DataFrame(filled, index=pd.Index(index, name="community_id"))


def facilities(*rows: dict[str, Any]) -> pd.DataFrame:
    plain = {"kind": "day_care", "status": "in_use", "opened": pd.Timestamp("2020-06-01"), "built": pd.NaT}
    plain |= {"operator_type": "social", "community_id": None, "street_id": None, "county_id": None}
    plain |= {"community_declared": None, "community_by_position": None, "urban": None}
    filled = [{"name": f"设施{i:03d}", **plain, **row} for i, row in enumerate(rows)]
    for row in filled:
        row["community_declared"] = row["community_declared"] or row["community_id"]
        row["community_by_position"] = row["community_by_position"] or row["community_id"]
    index = [row.pop("facility_id", f"F{i:03d}") for i, row in enumerate(filled)]
    columns = list(dict.fromkeys(["name", *plain, *(column for row in filled for column in row)]))
    return pd.DataFrame(filled, index=pd.Index(index, name="facility_id"), columns=columns)


def coverage(units: pd.DataFrame, people: dict[str, tuple[int, int, int]] | None = None) -> pd.DataFrame:
    """Sum `people` (elders, unknown, covered by community, ten covered of ten where not given) by every level."""
    given = people or {}
    frame = units.assign(numbers=[given.get(str(key), (10, 0, 10)) for key in units.index])
    sums: list[dict[str, Any]] = []

    def add(level: str, unit_id: str, name: str, members: pd.DataFrame) -> None:
        elders, unknown, covered = (sum(n[i] for n in members["numbers"]) for i in range(3))
        sums.append(
            {"level": level, "unit_id": unit_id, "name": name, "residents": elders * 5, "elders": elders}
            | {"elders_unknown": unknown, "elders_covered_15": covered}
        )

    for key, row in frame.iterrows():
        add("community", str(key), str(row["name"]), frame.loc[[key]])
    for level in ("street", "county"):
        for key, members in frame.groupby(f"{level}_id"):
            add(level, str(key), str(members[level].iloc[0]), members)
    add("urban", "urban", "城市", frame[frame["urban"].fillna(value=False).astype(bool)])
    add("rural", "rural", "农村", frame[~frame["urban"].fillna(value=True).astype(bool)])
    add("city", "city", "样例市", frame)
    return pd.DataFrame(sums)


def city(
    units: pd.DataFrame, places: pd.DataFrame | None = None, people: dict[str, tuple[int, int, int]] | None = None
) -> Evidence:
    return Evidence(units, facilities() if places is None else places, coverage(units, people), (15,))


def served(urban: tuple[int, int] = (0, 0), rural: tuple[int, int] = (0, 0)) -> Evidence:
    """Return a city with so many of so many communities, and of villages, that have a facility of their own."""
    rows: list[dict[str, Any]] = [{} for _ in range(urban[1])]
    rows += [{"urban": False, "street_level": "town", "street_id": "410611100", "street": "某镇"}] * rural[1]
    units = communities(*rows)
    keys = [*units.index[: urban[0]], *units.index[urban[1] : urban[1] + rural[0]]]
    return city(units, facilities(*({"community_id": key} for key in keys)))
