"""One facility under two identifiers: its floor area, beds and places would be counted twice."""

import re
import unicodedata

import geopandas as gpd
import numpy as np
import shapely

from gis.errors import Finding

NEAR_M = 50.0
"""A house and its gate, or two clicks for one house, lie within this."""
SAME_M = 1.0
_NUMERALS = re.compile(r"[0-9]+|[一二三四五六七八九十]")
_FILLERS = re.compile(r"社区居家养老|老年人|日间照料|综合|养老|服务|中心|站|点|[\s()\[\]·,.-]")


def twins(facilities: gpd.GeoDataFrame, *, name: str) -> tuple[Finding, ...]:
    """Return a warning for each two facilities of one kind that may be one, with their identifiers and distance in m.

    Within 50 m with names that are the same, or contain each other, once words such as 服务中心 are left out; or at one
    place within a metre. Both stay: only a person can tell.

    >>> two = gpd.GeoDataFrame({"name": ["东街日间照料中心", "东街（老年人）"], "kind": "day_care"},
    ...     geometry=gpd.points_from_xy([0, 9], [0, 0]), index=["A", "B"], crs="EPSG:4547")
    >>> [finding.found for finding in twins(two, name="设施.csv")]
    ['东街日间照料中心 = 东街（老年人） (9 m)']
    """
    placed = facilities[facilities.geometry.notna()]
    points = placed.geometry.to_numpy()
    left, right = shapely.STRtree(points).query(points, predicate="dwithin", distance=NEAR_M)
    bare = [_bare(str(each)) for each in placed["name"]]
    kind, names, keys = placed["kind"].astype("string").fillna("").to_list(), placed["name"].to_list(), placed.index
    found = []
    for a, b in sorted((int(a), int(b)) for a, b in zip(left, right, strict=True) if a < b):
        apart_m = float(np.hypot(points[a].x - points[b].x, points[a].y - points[b].y))
        alike = bool(bare[a] and bare[b]) and (bare[a] in bare[b] or bare[b] in bare[a])
        alike = alike and _NUMERALS.findall(bare[a]) == _NUMERALS.findall(bare[b])  # the first is not the second
        if kind[a] == kind[b] and (alike or apart_m <= SAME_M):
            said = f"{names[a]} = {names[b]} ({apart_m:.0f} m)"
            found.append(Finding("FACILITY_TWINS", "warn", f"{name}/{keys[a]}, {keys[b]}", said))
    return tuple(found)


def _bare(name: str) -> str:
    """Return a name without the words that all such names have."""
    return _FILLERS.sub("", unicodedata.normalize("NFKC", name).lower())
