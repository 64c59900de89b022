"""Administrative units: what a code says, and to which community, street and county a place belongs."""

from collections.abc import Iterable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.errors import Finding
from gis.tables import UNITS

CODE = r"\d{12}"
"""A statistical code (NBS 2009): county 6 digits, street or town 3, community or village 3."""
STREET_DIGITS, COUNTY_DIGITS = 9, 6
STREET_LEVELS = {"street": range(1, 100), "town": range(100, 400)}
"""From 400: development zones, farms and the like, neither a street nor a town."""
COMMUNITY_LEVELS = {"community": (*range(1, 200), *range(400, 500)), "village": (*range(200, 400), *range(500, 600))}
"""400-499 stand for communities, 500-599 for villages of units without a committee."""


def complete(communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the communities with street, county, level, `urban` and `street_level` filled in where their code tells.

    What the table says goes before what the code says. A 12-digit code holds the street in its first 9 digits and the
    county in its first 6; digits 7-9 from 001 to 099 are a street, from 100 to 399 a town; digits 10-12 from 001 to 199
    a community, from 200 to 399 a village (400-499 and 500-599: what stands for one). `urban` is true for a community,
    false for a village, unknown where neither tells; `street_level` is `street`, `town` or unknown. Units without name
    go by their code, streets and counties without a code by their name (with the county's before it where two counties
    have a street of that name).

    >>> towns = pd.DataFrame({"name": ["A", "B"], "level": None, "street_id": None, "street": None, "county_id": None,
    ...     "county": None}, index=pd.Index(["410611001001", "410611100201"], name="community_id"))
    >>> complete(towns)[["level", "street_id", "street_level"]].to_numpy().tolist()
    [['community', '410611001', 'street'], ['village', '410611100', 'town']]
    """
    frame = communities.copy()
    code = frame.index.to_series().astype("string")
    known = code.str.fullmatch(CODE).fillna(value=False).to_numpy(dtype=bool)

    def stated(column: str) -> pd.Series:
        text: pd.Series = frame[column].astype("string")
        return text.mask(text == "")

    def level_of(first: int, levels: Mapping[str, Iterable[int]]) -> pd.Series:
        meaning = {f"{number:03d}": level for level, numbers in levels.items() for number in numbers}
        said: pd.Series = code.str[first : first + 3].where(known).map(meaning).astype("string")
        return said

    frame["level"] = stated("level").fillna(level_of(STREET_DIGITS, COMMUNITY_LEVELS))
    for unit, digits in (("county", COUNTY_DIGITS), ("street", STREET_DIGITS)):
        name = stated(unit)
        key = stated(f"{unit}_id").fillna(code.str[:digits].where(known))
        by_name = name
        if unit == "street":
            counties = frame["county_id"].groupby(name).transform("nunique")
            by_name = name.mask(counties > 1, frame["county_id"] + " " + name)
        frame[f"{unit}_id"] = key.fillna(by_name)
        frame[unit] = name.fillna(frame[f"{unit}_id"])
    frame["urban"] = (frame["level"] == "community").astype("boolean").mask(frame["level"].isna())
    ends = frame["street"].str.extract("(街道|镇|乡|苏木)(?:办事处|办)?$", expand=False)
    by_name = ends.map({"街道": "street", "镇": "town", "乡": "town", "苏木": "town"}).astype("string")
    frame["street_level"] = by_name.fillna(level_of(COUNTY_DIGITS, STREET_LEVELS))
    return frame


def by_position(points: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> pd.Series:
    """Return the community whose polygon holds each point (missing where none does), aligned on `points`.

    On a border, and where polygons overlap, the first community by code counts.
    """
    shaped = communities.sort_index()  # the index of shapes passes over those without one
    found = pd.Series(pd.NA, index=points.index, dtype="string", name="community_id")
    place, polygon = shaped.sindex.query(points.geometry.to_numpy(), predicate="intersects")
    order = np.lexsort((polygon, place))
    place, first = np.unique(place[order], return_index=True)
    found.iloc[place] = shaped.index.to_numpy()[polygon[order][first]]
    return found


def locate(
    points: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, *, name: str
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Return places with the units they belong to, and findings where what is declared and where they stand differ.

    `communities` as from `complete`. Added columns: `community_declared`, `community_by_position`, `community_id` (what
    is declared, else where it stands), and the unit's `street_id`, `street`, `county_id`, `county`, `urban`.
    """
    frame = points.copy()
    declared = frame["community_id"].astype("string").mask(lambda text: text == "")
    unknown = declared.notna() & ~declared.isin(communities.index)
    frame["community_declared"] = declared.mask(unknown)
    frame["community_by_position"] = by_position(points, communities)
    frame["community_id"] = frame["community_declared"].fillna(frame["community_by_position"])
    of_unit = communities.reindex(frame["community_id"])
    for column in (c for unit in list(UNITS)[1:] for c in (f"{unit}_id", unit)):
        frame[column] = of_unit[column].to_numpy()
    frame["urban"] = of_unit["urban"].astype("boolean").array  # of the same type where one place lies in no unit
    elsewhere = frame["community_declared"].notna() & frame["community_by_position"].notna() & (
        frame["community_declared"] != frame["community_by_position"]
    )  # fmt: skip
    findings = [
        Finding("UNIT_UNKNOWN", "warn", f"{name}/{key}", str(code)) for key, code in declared[unknown].items()
    ] + [
        Finding("UNIT_ELSEWHERE", "warn", f"{name}/{key}", f"{row.community_declared} ≠ {row.community_by_position}")
        for key, row in frame[elsewhere].iterrows()
    ]
    return frame, (*findings, *_outside(frame, communities, name=name))


def _outside(frame: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, *, name: str) -> tuple[Finding, ...]:
    """Say which places lie in no community, where every community has its shape."""
    if communities.geometry.isna().any() or communities.geometry.is_empty.any():
        return ()
    placed = frame.geometry.notna() & ~frame.geometry.is_empty
    out = frame[placed & frame["community_by_position"].isna()]
    names = out["name"] if "name" in out else pd.Series("", index=out.index)
    said = [f"{key} {each}".strip() for key, each in names.iloc[:10].items()]
    found = ", ".join(said) + (f" … ({len(out)})" if len(out) > len(said) else "")
    return (Finding("UNIT_NONE", "warn", name, found, len(out)),) if len(out) else ()


def unstated(communities: pd.DataFrame) -> tuple[Finding, ...]:
    """Return a finding where neither table nor code says whether communities are urban or rural; from `complete`.

    >>> unstated(pd.DataFrame({"urban": [True, None], "name": ["A", "B"]}, index=["1", "2"]))[0].line("en")
    'WARN LEVEL_UNKNOWN communities/level: not stated whether urban or rural; in neither sum | found: B | allowed: ...
    """
    open_ones = communities[communities["urban"].isna()]
    names = ", ".join(open_ones["name"].astype(str)[:10])
    return (Finding("LEVEL_UNKNOWN", "warn", "communities/level", names, len(open_ones)),) if len(open_ones) else ()
