"""A provincial extract cut into those of its counties, in one reading; nobody at a border is judged differently.

A county gets every way that comes within its halo, whole: all its nodes, wherever they lie, and all ways of an area
that one of its own ways is part of. So within the halo all streets meet as they do on the whole map. What is read is
laid on the disk as it comes; in memory are a few blocks, one number for each way, and the counties being written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.extract import in_range
from gis.halo import Halo, halo_of
from gis.osm import extract_date, read_by_library, sniff
from gis.packing import write_extract
from gis.parts import Things, starts
from gis.pbf import NotPlainError, pieces_of, together
from gis.spool import Held, Spool

AREAS = frozenset({"multipolygon", "boundary"})
DRAWN = frozenset({"amenity", "building", "landuse", "leisure", "natural", "place", "railway", "waterway"})
"""Relations are carried along where they are areas with one of these keys; the border of a country is not."""
MOST_REFS = 8_000_000
"""Nodes of ways in memory while counties are written: as many counties at a time as have no more."""


@dataclass(frozen=True)
class CutOut:
    """What a county got: its file, how many nodes, ways and `corners` of streets, and which of its ways others have.

    `shared`: way ids, ascending; `accounted`: for each whether it is this county's to count, so that every way of the
    map is counted by one county.
    """

    file: Path
    nodes: int
    ways: int
    corners: int
    shared: np.ndarray
    accounted: np.ndarray


def cut_extract(source: Path, areas: gpd.GeoSeries, *, halo_m: float, folder: Path) -> dict[str, CutOut]:
    """Cut an extract into one for each area, `<code>.osm.pbf` in `folder`, by code.

    `areas`: polygons in any CRS, by county code. `halo_m`: how far beyond its border a county sees; at least the
    longest walk and a connector at each end. A county without any way or point gets an extract without any. The same
    map and areas give the same bytes. Raises InputError where the extract cannot be read, OSError where there is no
    room.
    """
    shapes = areas.to_crs("EPSG:4326").sort_index()
    codes = list(map(str, shapes.index))
    halo = halo_of(list(shapes), halo_m=halo_m)
    with TemporaryDirectory(dir=folder, prefix=".cut") as temporary:
        held = _laid_down(source, Path(temporary))
        shares = _shares(held, halo)
        date = extract_date(source)
        found: dict[str, CutOut] = {}
        for some in _few_at_a_time(shares.vertices):
            for county, parts in _taken(held, shares, some):
                path = folder / f"{codes[county]}.osm.pbf"
                found[codes[county]] = _written(held, shares, county, parts, path=path, date=date)
    return found


def _laid_down(source: Path, folder: Path) -> Held:
    """Return the extract laid on the disk, read once; what is not plain is read by the library."""
    if sniff(source) == "pbf":
        try:
            with Spool(folder) as spool:
                for piece in pieces_of(source, None):
                    spool.add(
                        piece.texts, piece.node_id, piece.node_place, piece.points, piece.point_place, piece.ways,
                        piece.relations,
                    )  # fmt: skip
            return spool.held()
        except NotPlainError:
            pass
    parts = read_by_library(source, None)
    with Spool(folder) as spool:
        spool.add(
            list(parts.strings), parts.node_id, parts.node_place, parts.points, parts.point_place, parts.ways,
            parts.relations,
        )  # fmt: skip
    return spool.held()


@dataclass(frozen=True)
class _Shares:
    """Which county has what: rows of chunk, position in it and county, by county and in the order of the file."""

    ways: pd.DataFrame
    points: pd.DataFrame
    relations: pd.DataFrame
    vertices: np.ndarray
    way_id: np.ndarray
    accounts: np.ndarray
    """Of the ways that several have (`way_id`, ascending): which county counts it."""
    point_id: np.ndarray
    point_at: np.ndarray
    """All tagged points by id, with chunk and position."""


def _shares(held: Held, halo: Halo) -> _Shares:
    """Return which county has which ways, points and relations."""
    ways, points, point_ids, relations = [], [], [], []
    for chunk, parts in enumerate(held.chunks()):
        ways.append(_near(held, parts.ways, halo).assign(chunk=chunk))
        at, county = halo.counties(parts.point_place)
        points.append(pd.DataFrame({"at": at, "county": county, "chunk": chunk}))
        spots = np.column_stack([np.full(len(parts.points.number), chunk), np.arange(len(parts.points.number))])
        point_ids.append((parts.points.number, spots))
        relations.append(_areas(parts.relations, held.texts(chunk)).assign(chunk=chunk))
    near, areas = _whole_areas(held, pd.concat(ways, ignore_index=True), pd.concat(relations, ignore_index=True))
    near = near.sort_values(["county", "chunk", "at"], kind="stable", ignore_index=True)
    several = near[near["way"].duplicated(keep=False)].groupby("way")["county"].min()
    number = np.concatenate([ids for ids, _ in point_ids] or [np.empty(0, np.int64)])
    order = np.argsort(number, kind="stable")
    count = int(near["county"].max()) + 1 if len(near) else 0
    vertices = np.bincount(near["county"], weights=near["size"], minlength=max(count, halo.count)).astype(np.int64)
    return _Shares(
        near,
        pd.concat(points, ignore_index=True),
        areas,
        vertices,
        several.index.to_numpy(dtype=np.int64),
        several.to_numpy(dtype=np.int64),
        number[order],
        np.concatenate([at for _, at in point_ids] or [np.empty((0, 2), np.int64)])[order],
    )


def _near(held: Held, ways: Things, halo: Halo) -> pd.DataFrame:
    """Return which ways come near which county: `at`, `county`, `way`, `size`, `vertices` of its course."""
    place, known = held.places(ways.refs)
    size = np.diff(ways.start)
    owner = np.repeat(np.arange(len(size)), size)
    known &= in_range(place)
    at, county = halo.along(owner[known], place[known])
    pairs = np.unique(at * halo.count + county) if len(at) else np.empty(0, np.int64)
    at, county = pairs // halo.count, pairs % halo.count
    return pd.DataFrame({"at": at, "county": county, "way": ways.number[at], "size": size[at]})


def _areas(relations: Things, texts: Mapping[str, int]) -> pd.DataFrame:
    """Return the members of the relations that are areas of the ground: `at`, `way`."""
    drawn = np.isin(relations.key, [texts[key] for key in DRAWN if key in texts])
    kinds = [texts[kind] for kind in AREAS if kind in texts]
    typed = (relations.key == texts.get("type", -1)) & np.isin(relations.value, kinds)
    border = relations.value == texts.get("administrative", -1)
    which = np.setdiff1d(np.intersect1d(relations.owner[drawn], relations.owner[typed]), relations.owner[border])
    refs, start = relations.refs_of(which)
    return pd.DataFrame({"at": np.repeat(which, np.diff(start)), "way": refs})


def _whole_areas(held: Held, near: pd.DataFrame, members: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the ways with those that complete an area some county has a part of, and which county has which area."""
    of_members = near.loc[near["way"].isin(members["way"]), ["way", "county"]]
    has = members.merge(of_members, on="way")[["chunk", "at", "county"]].drop_duplicates()
    wanted = has.merge(members, on=["chunk", "at"])[["way", "county"]].drop_duplicates()
    more = []
    for chunk, parts in enumerate(held.chunks()) if len(wanted) else ():
        at = np.flatnonzero(np.isin(parts.ways.number, wanted["way"].to_numpy()))
        rows = pd.DataFrame(
            {"at": at, "way": parts.ways.number[at], "size": np.diff(parts.ways.start)[at], "chunk": chunk}
        )
        more.append(rows.merge(wanted, on="way"))
    near = pd.concat([near, *more], ignore_index=True)
    near = near.drop_duplicates(["chunk", "at", "county"])
    return near, has.sort_values(["county", "chunk", "at"], ignore_index=True)


def _few_at_a_time(vertices: np.ndarray) -> Iterator[list[int]]:
    """Yield counties, as many as may be in memory together."""
    some: list[int] = []
    total = 0
    for county, number in enumerate(vertices.tolist()):
        if some and total + number > MOST_REFS:
            yield some
            some, total = [], 0
        some.append(county)
        total += number
    if some:
        yield some


Taken = tuple[list[str], Things, Things]


def _taken(held: Held, shares: _Shares, counties: list[int]) -> Iterator[tuple[int, Taken]]:
    """Yield the ways and relations of some counties, with their texts; the chunks are looked through once for all."""
    got: dict[int, list[tuple[list[str], Things, Things]]] = {county: [] for county in counties}
    by_ways, by_areas = (
        {key: rows["at"].to_numpy() for key, rows in frame[frame["county"].isin(counties)].groupby(["chunk", "county"])}
        for frame in (shares.ways, shares.relations)
    )
    for chunk, parts in enumerate(held.chunks()):
        for county in counties:
            ways = _only(parts.ways, by_ways.get((chunk, county)))
            areas = _only(parts.relations, by_areas.get((chunk, county)))
            if len(ways.number) or len(areas.number):
                got[county].append(_with_own_texts(parts.strings, ways, areas))
    for county in counties:
        number: dict[str, int] = {}
        pieces = got.pop(county)
        codes = [np.array([number.setdefault(text, len(number)) for text in texts], np.int32) for texts, *_ in pieces]
        ways = together([ways for _, ways, _ in pieces], codes)
        yield county, (list(number), ways, together([areas for *_, areas in pieces], codes))


def _only(things: Things, at: np.ndarray | None) -> Things:
    which = np.zeros(len(things.number), dtype=bool)
    if at is not None:
        which[at] = True
    return things.only(which)


def _with_own_texts(strings: list[str], *kinds: Things) -> tuple[list[str], Things, Things]:
    """Return things that count in the texts they use, and these texts."""
    used, code = np.unique(np.concatenate([part for t in kinds for part in (t.key, t.value)]), return_inverse=True)
    parts = np.split(code.astype(np.int32), np.cumsum([n for t in kinds for n in (len(t.key), len(t.value))])[:-1])
    one, other = (
        Things(t.number, t.start, t.refs, t.owner, key, value)
        for t, key, value in zip(kinds, parts[::2], parts[1::2], strict=True)
    )
    return [strings[i] for i in used.tolist()], one, other


def _written(held: Held, shares: _Shares, county: int, taken: Taken, *, path: Path, date: str | None) -> CutOut:
    """Write the extract of a county: its ways with their nodes, and the tagged points near it or on its ways."""
    texts, ways, relations = taken
    needed = np.unique(ways.refs)
    own = shares.points[shares.points["county"] == county]
    on_ways = np.flatnonzero(np.isin(shares.point_id, needed))
    spots = np.unique(np.concatenate([own[["chunk", "at"]].to_numpy(), shares.point_at[on_ways]]), axis=0)
    number, place, tags = held.points(spots, texts)
    node_id, node_place = held.copies(np.setdiff1d(needed, number))
    nodes = Things(
        np.concatenate([number, node_id]),
        starts(np.zeros(len(number) + len(node_id), dtype=np.int64)),
        np.empty(0, np.int64),
        *tags,
    )
    write_extract(
        path, strings=texts, nodes=nodes, node_place=np.concatenate([place, node_place]), ways=ways,
        relations=relations, date=date,
    )  # fmt: skip
    also = np.isin(shares.way_id, ways.number)
    streets = ways.owner[ways.key == texts.index("highway")] if "highway" in texts else ways.owner[:0]
    corners = int(np.diff(ways.start)[streets].sum())
    return CutOut(
        path, len(nodes.number), len(ways.number), corners, shares.way_id[also], shares.accounts[also] == county
    )
