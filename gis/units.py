"""Administrative units: what a code says, and to which community, street and county a place belongs."""

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.errors import Finding
from gis.tables import UNITS

CODE = r"\d{12}"
"""A statistical code: county 6 digits, town 3 (001-099 a street), village 3 (200 and above a village)."""
STREET_DIGITS, COUNTY_DIGITS = 9, 6
FIRST_TOWN, FIRST_VILLAGE = 100, 200


def complete(communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the communities with street, county, level, `urban` and `street_level` filled in where their code tells.

    What the table says goes before what the code says. A 12-digit code holds the street in its first 9 digits and the
    county in its first 6; digits 7-9 from 001 to 099 are a street, from 100 a town; digits 10-12 from 200 a village.
    `urban` is true for a community, false for a village, unknown where neither tells; `street_level` is `street`, `town`
    or unknown. Units without a name go by their code.

    >>> towns = pd.DataFrame({"name": ["A", "B"], "level": None, "street_id": None, "street": None, "county_id": None,
    ...     "county": None}, index=pd.Index(["410611001001", "410611100201"], name="community_id"))
    >>> complete(towns)[["level", "street_id", "street_level"]].to_numpy().tolist()
    [['community', '410611001', 'street'], ['village', '410611100', 'town']]
    """
    frame = communities.copy()
    code = frame.index.to_series().astype("string")
    known = code.str.fullmatch(CODE).fillna(value=False).to_numpy(dtype=bool)

    def from_code(column: str, said: pd.Series) -> pd.Series:
        given = frame[column].astype("string").mask(lambda text: text == "")
        return given.fillna(said.where(known).astype("string"))

    village = pd.to_numeric(code.str[9:12].where(known))
    frame["level"] = from_code("level", pd.Series(np.where(village >= FIRST_VILLAGE, "village", "community"), frame.index))
    for unit, digits in (("street", STREET_DIGITS), ("county", COUNTY_DIGITS)):
        frame[f"{unit}_id"] = from_code(f"{unit}_id", code.str[:digits])
        name = frame[unit].astype("string").mask(lambda text: text == "")
        frame[f"{unit}_id"] = frame[f"{unit}_id"].fillna(name)
        frame[unit] = name.fillna(frame[f"{unit}_id"])
    frame["urban"] = (frame["level"] == "community").astype("boolean").mask(frame["level"].isna())
    town = pd.to_numeric(code.str[6:9].where(known))
    by_code = pd.Series(np.where(town >= FIRST_TOWN, "town", "street"), frame.index).where(known).astype("string")
    ends = frame["street"].str.extract("(街道|镇|乡|苏木)(?:办事处)?$", expand=False)
    by_name = ends.map({"街道": "street", "镇": "town", "乡": "town", "苏木": "town"}).astype("string")
    frame["street_level"] = by_name.fillna(by_code)
    return frame


def by_position(points: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> pd.Series:
    """Return the community whose polygon holds each point (missing where none does), aligned on `points`.

    On a border, and where polygons overlap, the first community by code counts.
    """
    shaped = communities[communities.geometry.notna() & ~communities.geometry.is_empty].sort_index()
    found = pd.Series(pd.NA, index=points.index, dtype="string", name="community_id")
    place, polygon = shaped.sindex.query(points.geometry.to_numpy(), predicate="intersects")
    order = np.lexsort((polygon, place))
    place, first = np.unique(place[order], return_index=True)
    found.iloc[place] = shaped.index.to_numpy()[polygon[order][first]]
    return found


def locate(points: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, *, name: str) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
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
    for column in (*(c for unit in list(UNITS)[1:] for c in (f"{unit}_id", unit)), "urban"):
        frame[column] = of_unit[column].to_numpy()
    elsewhere = frame["community_declared"].notna() & frame["community_by_position"].notna() & (
        frame["community_declared"] != frame["community_by_position"]
    )  # fmt: skip
    findings = [
        Finding("UNIT_UNKNOWN", "warn", f"{name}/{key}", str(code)) for key, code in declared[unknown].items()
    ] + [
        Finding("UNIT_ELSEWHERE", "warn", f"{name}/{key}", f"{row.community_declared} ≠ {row.community_by_position}")
        for key, row in frame[elsewhere].iterrows()
    ]
    return frame, tuple(findings)
