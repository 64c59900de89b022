"""What the map itself shows: care facilities by their tags, and the water, green and buildings to find one's way by."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from gis.extract import Extract
from gis.features import read_features
from gis.tables import FACILITIES
from gis.walkable import walkable

GROUND: Mapping[str, tuple[str, ...] | None] = {
    "natural": ("water", "wood"),
    "waterway": ("river", "canal"),
    "leisure": ("park", "garden"),
    "landuse": ("forest", "grass", "recreation_ground", "cemetery"),
    "railway": ("rail", "light_rail"),
    "building": None,
}
UNDER_OR_OVER = ("tunnel", "bridge", "covered")
GIVEN_UP = ("disused", "abandoned")
"""Marks of a place where nobody is served any more."""


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath("places.toml").read_text(encoding="utf-8"))


def places(source: str | Path | Extract, keys: Mapping[str, tuple[str, ...] | None], *, crs: str) -> gpd.GeoDataFrame:
    """Return the places of an extract that carry one of the keys, each as one point, indexed by `osm_id` with `name`.

    A building or ground stands for itself by a point inside it. `keys`: key to values, None for any value.
    """
    found = read_features(source, keys, crs=crs)
    found = found[~found.geom_type.isin(["LineString", "MultiLineString"])].set_index("osm_id")
    return found.set_geometry(found.representative_point())


def care_places(source: str | Path | Extract, *, crs: str) -> gpd.GeoDataFrame:
    """Return the care facilities of an extract by the tag table, with the columns of `gis.tables.FACILITIES`.

    The map says neither status nor date: status is in use, the rest unknown. Places meant for others than elders
    (`social_facility:for` without senior or elderly), and those marked as given up, are no care facilities here.
    """
    found = places(source, {"amenity": ("social_facility", "nursing_home")}, crs=crs)
    tags = found["tags"]
    kind = pd.Series(pd.NA, index=found.index, dtype="string")
    for rule in reversed(_table()["place"]):
        hit = tags.map(lambda have, want=rule["tags"]: all(have.get(k) in values for k, values in want.items()))
        kind = kind.mask(hit.to_numpy(dtype=bool), rule["kind"])
    groups = tags.map(lambda have: have.get("social_facility:for", "senior"))
    given_up = tags.map(lambda have: any(have.get(key, "no") != "no" for key in GIVEN_UP)).to_numpy(dtype=bool)
    kept = kind.notna() & ~given_up & groups.str.contains("senior|elderly").to_numpy(dtype=bool)
    frame = found.loc[kept, ["name", "geometry"]].rename_axis("facility_id")
    frame["name"] = frame["name"].astype("string").fillna(frame.index.to_series())
    frame["kind"], frame["status"] = kind[kept], "in_use"
    types = {"whole": "Int64", "number": "float64", "date": "datetime64[s]", "list": "object"}
    for column in FACILITIES.columns:
        if column.name not in {*frame.columns, "facility_id", "lon", "lat", "x", "y"}:
            dtype: Any = types.get(column.content, "string")
            frame[column.name] = pd.Series(None, index=frame.index, dtype=dtype)
    frame["services"] = [()] * len(frame)
    return frame


def ground(source: str | Path | Extract, *, crs: str) -> gpd.GeoDataFrame:
    """Return what gives orientation on a map: `feature` is water, green, railway or building; `building`, `tags`."""
    found = read_features(source, GROUND, crs=crs)
    feature = pd.Series("green", index=found.index)
    feature[found["natural"].eq("water") | found["waterway"].notna()] = "water"
    feature[found["railway"].notna()] = "railway"
    feature[found["building"].notna()] = "building"
    found = found.assign(feature=feature)
    return found.loc[found.geom_type != "Point", ["osm_id", "name", "feature", "building", "tags", "geometry"]]


def barriers(source: str | Path | Extract, *, crs: str) -> gpd.GeoSeries:
    """Return the lines nobody crosses from a door to a street: walls, rivers, railways, motorways, at ground level."""
    lines: dict[str, list[str]] = walkable()["barrier_lines"]
    found = read_features(source, {key: tuple(values) for key, values in lines.items()}, crs=crs)
    apart = (
        found["tags"].map(lambda tags: any(tags.get(key, "no") != "no" for key in UNDER_OR_OVER)).to_numpy(dtype=bool)
    )
    return found.geometry[~apart & (found.geom_type != "Point").to_numpy()].explode(ignore_index=True)
