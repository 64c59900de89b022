"""The pace: what a metre of each street costs different people, by the table of profiles (`paces.toml`).

A street's effort is in metres of plain level street at the person's own speed, so that every walk stays a number of
metres. Stairs, surfaces and what cannot be used come from the map's tags, the slope from an elevation raster (Tobler
1993), the wait at crossings is a parameter. An effort is never below one: nobody is faster than on the level.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from gis.errors import Finding
from gis.network import WalkNetwork
from gis.profiles import effort_of, has_tag, paces
from gis.terrain import Elevation, read_elevation, slopes


def at_pace(
    network: WalkNetwork,
    *,
    profile: str = "planning",
    base_speed_m_s: float = 1.0,
    crossing_wait_s: float = 0.0,
    elevation: str | Path | Elevation | None = None,
) -> WalkNetwork:
    """Return the network, as it was read, with the efforts of a profile: fit, planning, cautious, frail, wheelchair.

    effort = tags x slope + wait, at least 1, infinite where the street cannot be used; the effort it had is multiplied.

    - Tags: the dearest rule of the profile (`effort_of`).
    - Slope: Tobler's v = 6 exp(-3.5 |s + 0.05|) km/h over v(0). The slower direction counts both ways, which is uphill:
      exp(3.5 |s|), mean over pieces of at most 20 m. Bridges, tunnels and steps do not follow the ground; where the
      raster has no height the street counts as level and a finding says how many.
    - Wait: `crossing_wait_s` at `base_speed_m_s` (the speed that minutes are later reckoned with) in metres, once for
      each crossing way, spread over it, and for each crossing node on another street, spread over its edge: half where
      it is the edge's end, and half on carriageways (see `paces.toml`).

    Edges keep their numbers: what was snapped to the network as read holds for every profile, and a door on a street
    that a profile cannot use reaches nothing. The profile's own speed is in `profile_speeds()`, not in the effort.

    Raises ValueError for an unknown profile, a speed that is not above 0, a wait below 0 or a network without tags;
    InputError for a raster that cannot be read.
    """
    if profile not in paces()["profile"]:
        raise ValueError(f"unknown profile {profile!r}: one of {', '.join(paces()['profile'])}")
    if not (0 < base_speed_m_s < np.inf and 0 <= crossing_wait_s < np.inf):
        raise ValueError(f"speed {base_speed_m_s} m/s must be above 0 and the wait {crossing_wait_s} s not below")
    if len(network.edge_way) != len(network.edge_length_m):
        raise ValueError("the network does not know the tags of its streets")
    effort = np.array([effort_of(tags, profile) for tags in network.way_tags])[network.edge_way]
    findings = network.findings
    if elevation is not None:
        ground = elevation if isinstance(elevation, Elevation) else read_elevation(elevation, network)
        uphill, steep, unknown = _uphill(network, ground)
        limit = paces()["profile"][profile].get("steepest", {}).get("slope", np.inf)
        passable = _of_edges(network, paces()["profile"][profile].get("passable", {}))
        effort *= np.where((steep > limit) & ~passable, np.inf, uphill)
        if unknown:
            place = "elevation" if isinstance(elevation, Elevation) else str(elevation)
            findings = (*findings, Finding("ELEVATION_GAP", "warn", place, str(unknown), unknown))
    if crossing_wait_s:
        crossings = _crossings(network)
        if not crossings.any():
            findings = (*findings, Finding("CROSSING_NONE", "warn", "streets"))
        wait_m = crossings * crossing_wait_s * base_speed_m_s
        effort += np.divide(wait_m, network.edge_length_m, out=np.zeros_like(wait_m), where=network.edge_length_m > 0)
    return replace(
        network,
        effort_forward=network.effort_forward * effort,
        effort_backward=network.effort_backward * effort,
        findings=findings,
    )


def tag_shares(network: WalkNetwork) -> pd.DataFrame:
    """Return how much of the streets carries the tags that a pace depends on: `length_km` and `share` by `tag`.

    Where the share is small a profile knows little more than the class of the street.
    """
    total = network.edge_length_m.sum()
    length = [network.edge_length_m[_having(network, tag)].sum() for tag in paces()["reported"]]
    return pd.DataFrame(
        {"length_km": np.array(length) / 1000, "share": np.array(length) / total},
        index=pd.Index(paces()["reported"], name="tag"),
    )


def _having(network: WalkNetwork, key: str) -> np.ndarray:
    """Return which edges carry a tag."""
    having: np.ndarray = np.array([key in tags for tags in network.way_tags], dtype=bool)[network.edge_way]
    return having


def _of_edges(network: WalkNetwork, wanted: Mapping[str, list[str]]) -> np.ndarray:
    """Return which edges have one of the wanted tags."""
    having: np.ndarray = np.array([has_tag(tags, wanted) for tags in network.way_tags], dtype=bool)[network.edge_way]
    return having


def _uphill(network: WalkNetwork, ground: Elevation) -> tuple[np.ndarray, np.ndarray, int]:
    """Return Tobler's effort and the mean slope of each edge, always uphill, and how many edges have no height."""
    table = paces()["slope"]
    on_ground = np.flatnonzero(~_of_edges(network, paces()["off_the_ground"]))
    slope, edge = slopes(network, ground, on_ground, sample_m=table["sample_m"])
    unknown = len(np.unique(edge[np.isnan(slope)]))
    slope = np.minimum(np.abs(np.nan_to_num(slope)), table["steepest"])
    pieces = np.maximum(np.bincount(edge, minlength=len(network.edge_way)), 1)
    extra = np.bincount(edge, weights=np.expm1(3.5 * slope), minlength=len(pieces)) / pieces
    mean = np.bincount(edge, weights=slope, minlength=len(pieces)) / pieces
    return 1 + extra, mean, unknown


def _crossings(network: WalkNetwork) -> np.ndarray:
    """Return how many waits are on each edge."""
    table = paces()["crossing"]
    crossing_way = _of_edges(network, table["way"])
    _, way = np.unique(network.edge_way_id, return_inverse=True)
    way_m = np.bincount(way, weights=network.edge_length_m)[way]
    of_way = np.divide(network.edge_length_m, way_m, out=np.zeros_like(way_m), where=way_m > 0)
    share = np.where(_of_edges(network, {"highway": table["for_walkers"]}), 1.0, table["carriageway"]["share"])
    waits: np.ndarray = np.where(crossing_way, of_way, share * network.edge_crossings)
    return waits
