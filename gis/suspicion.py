"""Whether a table's coordinates may be of another datum than the one given: by the streets and by what is declared.

Care facilities stand at streets. Under the wrong datum they are shifted by 500 m (GCJ-02) or 1.3 km (BD-09) and lie to
the streets as chance will have it; under the right one they come to lie at streets all together. Nothing is converted.
"""

from functools import cache
from typing import get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from gis.datum import Datum, Floats, from_wgs84, to_wgs84
from gis.errors import Finding
from gis.grid import nearest_pieces
from gis.network import WalkNetwork
from gis.osm import OSM_CRS
from gis.units import by_position

COUNTED_AS_ONE: dict[Datum, Datum] = {"cgcs2000": "wgs84"}
FEWEST = 8
"""Fewer places than this tell nothing."""
MOST = 200
"""So many places, spread over the table by position, tell as much as all."""
FAR_M = 100.0
"""Beyond this a place is far from any street, however far."""
FITS = 0.5
"""A datum that fits brings places at least this much nearer to the streets than the one given."""
CHANCES = 399
LUCKY = 3
"""Of the other shifts so many, one in a hundred, may do as well: some are nearly the right one or a block off."""
FEWEST_DECLARED, MOST_FIT = 5, 0.9
"""So many places with a declared community tell something; where nine in ten lie in theirs nothing is asked."""
NEAR_STREET_M, SHOWN = 30.0, 10
NEAREST_CHANCE_M, FARTHEST_CHANCE_M = 300.0, 1500.0


def datum_suspicion(points: gpd.GeoDataFrame, network: WalkNetwork, *, datum: Datum = "wgs84") -> pd.DataFrame:
    """Return how far a table's places lie from the nearest street under each datum: one row a datum.

    `points`: places in the CRS of the network, read as degrees of `datum`; those without a position are left out.
    Columns: `places`, `mean_m`, `median_m` and `p95_m` (100 m stands for 100 and more); `by_chance`: of 399 other
    shifts of the same places, by 300 to 1,500 m in every direction, how many bring them as near the streets; and
    `suspect`: this datum fits clearly better than the one given. It does where there are 8 places or more, `mean_m` is
    less than half of that under the given datum and at most 3 of the 399 shifts do as well; of several, the best one.
    The shifts are the measure of chance: dense streets and clustered places make no suspicion by themselves. Places at
    streets that are read rightly are not suspected; those that have nothing to do with streets, rarely. Raises
    ValueError where the CRS differ.

    >>> from gis.towns import grid_town
    >>> town = grid_town(3, block_m=900.0)  # at the origin of the CRS: nowhere in China, every datum is the same
    >>> homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy(range(0, 900, 100), [9] * 9), crs=town.crs)
    >>> datum_suspicion(homes, town)[["places", "mean_m", "suspect"]]
           places  mean_m  suspect
    datum
    wgs84       9     8.0    False
    gcj02       9     8.0    False
    bd09        9     8.0    False
    """
    if points.crs != network.crs:
        raise ValueError(f"points are in {points.crs}, the network in {network.crs}")
    given = COUNTED_AS_ONE.get(datum, datum)
    placed = points.geometry[~(points.geometry.isna() | points.geometry.is_empty)].centroid
    xy = np.column_stack([placed.x, placed.y])
    xy = xy[np.lexsort(xy.T)]
    sample = xy[np.unique(np.linspace(0, len(xy) - 1, min(len(xy), MOST)).astype(np.int64))] if len(xy) else xy
    datums = [given, *(d for d in get_args(Datum) if d not in {given, *COUNTED_AS_ONE})]
    everywhere = (sample[None, :, :] + _shifts()[:, None, :]).reshape(-1, 2)
    chance = np.sort(_offsets(network, everywhere).reshape(CHANCES, -1).mean(axis=1)) if len(sample) else np.zeros(0)
    rows = {}
    for each in datums:
        offset = _offsets(network, _as(sample, network.crs, given, each)) if len(sample) else np.array([np.nan])
        median, most = np.quantile(offset, [0.5, 0.95])
        as_near = int(np.searchsorted(chance, offset.mean(), side="right"))
        rows[each] = (len(xy), float(offset.mean()), float(median), float(most), as_near)
    columns = ["places", "mean_m", "median_m", "p95_m", "by_chance"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("datum")
    mean_m = frame["mean_m"]
    clear = (mean_m < mean_m[given] * FITS) & (frame["by_chance"] <= LUCKY)
    best = mean_m == mean_m.where(clear).min()
    return frame.assign(suspect=clear & best & (len(xy) >= FEWEST))


def community_fits(points: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, *, datum: Datum) -> pd.DataFrame:
    """Return which places lie in the community they are declared for, under each datum: one column a datum.

    `points`: `community_id` and places in the CRS of the communities, read as degrees of `datum`. Rows are those whose
    declared community has a shape; the other datums are tried only where the given one leaves a tenth outside.
    """
    given = COUNTED_AS_ONE.get(datum, datum)
    shaped = communities.index[communities.geometry.notna()]
    declared = points[points["community_id"].isin(shaped) & points.geometry.notna()]
    declared = declared.set_geometry(declared.geometry.centroid)
    fits = pd.DataFrame({given: by_position(declared, communities) == declared["community_id"]}).fillna(value=False)
    if len(declared) < FEWEST_DECLARED or fits[given].mean() >= MOST_FIT or points.crs is None:
        return fits
    xy = np.column_stack([declared.geometry.x, declared.geometry.y])
    for other in (d for d in get_args(Datum) if d not in {given, *COUNTED_AS_ONE}):
        moved = gpd.GeoSeries(shapely.points(_as(xy, str(points.crs), given, other)), declared.index, crs=points.crs)
        found = by_position(declared.set_geometry(moved), communities)
        fits[other] = (found == declared["community_id"]).fillna(value=False)
    return fits


def suspicion_findings(
    suspicion: pd.DataFrame | None, fits: pd.DataFrame | None = None, *, datum: Datum = "wgs84", name: str
) -> tuple[Finding, ...]:
    """Return one warning where another datum suits a table clearly better, by streets, by communities or by both.

    `suspicion` as from `datum_suspicion`, `fits` as from `community_fits`: by communities another datum suits where
    most places lie outside their declared community, and at least four of five within it under the other. Nothing is
    converted.
    """
    given = COUNTED_AS_ONE.get(datum, datum)
    said = []
    if fits is not None and len(fits) >= FEWEST_DECLARED:
        n, inside = len(fits), {str(each): int(fits[each].sum()) for each in fits}
        best = max(inside, key=lambda each: inside[each])
        if 2 * inside[given] < n and 5 * inside[best] >= 4 * n:
            said.append(f"{datum} {inside[given]}/{n}, {best} {inside[best]}/{n}")
    if suspicion is not None:
        mean_m, places = suspicion["mean_m"], suspicion["places"].max()
        said += [
            f"{datum} {mean_m[given]:.0f} m, {other} {mean_m[other]:.0f} m ({places})"
            for other in suspicion.index[suspicion["suspect"]]
        ]
    return (Finding("DATUM_SUSPECT", "warn", name, "; ".join(said)),) if said else ()


def mixed_findings(
    points: gpd.GeoDataFrame, network: WalkNetwork, fits: pd.DataFrame, *, datum: Datum, name: str
) -> tuple[Finding, ...]:
    """Return a warning where part of a table suits the given datum and the rest another: two sources in one table.

    By communities: of the places outside of the declared one (five or more) four in five lie within it under the other.
    By streets: the places far from streets, eight or more, are suspected among themselves while as many are near.
    """
    given = COUNTED_AS_ONE.get(datum, datum)
    misfit = ~fits[given].to_numpy(dtype=bool)
    if misfit.sum() >= FEWEST_DECLARED:
        for other in fits.columns.drop(given):
            found = fits[other].to_numpy(dtype=bool) & misfit
            if 5 * found.sum() >= 4 * misfit.sum():
                return (_mixed(fits.index[found], len(fits), datum, str(other), name),)
    placed = points[points.geometry.notna()]
    far = _offsets(network, shapely.get_coordinates(placed.geometry.centroid.to_numpy())) > NEAR_STREET_M
    if far.sum() >= FEWEST and (~far).sum() >= FEWEST:
        among = datum_suspicion(placed[far], network, datum=datum)
        for other in among.index[among["suspect"]]:
            return (_mixed(placed.index[far], len(placed), datum, str(other), name),)
    return ()


def _mixed(keys: pd.Index, of: int, datum: str, other: str, name: str) -> Finding:
    more = " …" if len(keys) > SHOWN else ""
    said = f"{datum} {of - len(keys)}, {other} {len(keys)}: {', '.join(map(str, keys[:SHOWN]))}{more}"
    return Finding("DATUM_MIXED", "warn", name, said, len(keys))


def _shifts() -> Floats:
    """Return shifts spread evenly over a ring, the same every time (a sunflower: turned by the golden angle)."""
    turn = np.arange(CHANCES)
    low, high = NEAREST_CHANCE_M**2, FARTHEST_CHANCE_M**2
    radius = np.sqrt(low + (high - low) * (turn + 0.5) / CHANCES)
    angle = turn * np.pi * (3 - np.sqrt(5))
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _offsets(network: WalkNetwork, xy: Floats) -> Floats:
    """Return how far each place is from the nearest street, at most `FAR_M`."""
    _, _, metres = nearest_pieces(network.grid, network.course_xy, np.ascontiguousarray(xy), FAR_M)
    capped: Floats = np.nan_to_num(metres, nan=FAR_M)
    return capped


def _as(xy: Floats, crs: str, given: Datum, other: Datum) -> Floats:
    """Return where places read as degrees of one datum stand if they are degrees of another."""
    if given == other:
        return xy
    to_degrees = _to_degrees(crs)
    written = from_wgs84(*to_degrees.transform(xy[:, 0], xy[:, 1]), datum=given)
    x, y = to_degrees.transform(*to_wgs84(*written, datum=other), direction="INVERSE")
    return np.column_stack([x, y])


@cache
def _to_degrees(crs: str) -> pyproj.Transformer:
    """Return the way from metres to degrees; to find it takes longer than all the rest."""
    return pyproj.Transformer.from_crs(crs, OSM_CRS, always_xy=True)
