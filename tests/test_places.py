"""What the map shows: care facilities by the tag table, ground by feature, and lines nobody crosses."""

from pathlib import Path

import geopandas as gpd
import osmium
import pandas as pd
import pytest
from shapely import Point

from circle15.walked import serving
from gis.places import barriers, care_places, ground, places
from gis.snap import snap
from gis.streets import walk_network
from gis.tables import FACILITIES, FACILITY_KINDS
from gis.towns import TOWN_CRS
from gis.units import locate
from policy.counting import Counting, counts
from policy.ground import Facility
from tests.test_network import LAT, LON, STEP, Node, Way, write_osm
from tests.test_units import box, units

SOCIAL = {"amenity": "social_facility"}


def place_file(tmp_path: Path, *tags: dict[str, str]) -> Path:
    nodes: list[Node] = [(i + 1, LON + i * STEP, LAT) for i in range(len(tags))]
    return write_osm(tmp_path / "p.osm.pbf", nodes, [], tags={i + 1: dict(t) for i, t in enumerate(tags)})


def square(first: int, lon: float, lat: float, side: float = 0.2 * STEP) -> tuple[list[Node], list[int]]:
    corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
    nodes = [(first + i, lon + x * side, lat + y * side) for i, (x, y) in enumerate(corners)]
    return nodes, [*(node[0] for node in nodes), first]


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({**SOCIAL, "social_facility": "day_care"}, "day_care"),
        ({**SOCIAL, "social_facility": "day_centre", "social_facility:for": "senior"}, "day_care"),
        ({**SOCIAL, "social_facility": "ambulatory_care", "social_facility:for": "disabled;senior"}, "day_care"),
        ({**SOCIAL, "social_facility": "nursing_home"}, "nursing_home"),
        ({**SOCIAL, "social_facility": "group_home", "social_facility:for": "elderly"}, "nursing_home"),
        ({**SOCIAL, "social_facility": "assisted_living"}, "nursing_home"),
        ({"amenity": "nursing_home"}, "nursing_home"),
        ({**SOCIAL, "social_facility": "soup_kitchen"}, "meal_point"),
        ({**SOCIAL, "social_facility": "day_care", "social_facility:for": "child"}, None),
        ({**SOCIAL, "social_facility": "group_home", "social_facility:for": "orphan"}, None),
        ({**SOCIAL, "social_facility": "day_care", "disused": "yes"}, None),
        ({**SOCIAL, "social_facility": "day_care", "disused": "no"}, "day_care"),
        ({**SOCIAL, "social_facility": "shelter"}, None),
        ({**SOCIAL}, None),
        ({"amenity": "kindergarten", "social_facility": "day_care"}, None),
        ({"amenity": "hospital"}, None),
    ],
)
def test_the_tag_table(tmp_path: Path, tags: dict[str, str], kind: str | None) -> None:
    found = care_places(place_file(tmp_path, tags, {"amenity": "nursing_home"}), crs=TOWN_CRS)
    assert found["kind"].get("n1") == kind
    assert set(found["kind"]) <= set(FACILITY_KINDS)


def test_care_places_serve_as_a_facility_table(tmp_path: Path) -> None:
    path = place_file(
        tmp_path, {**SOCIAL, "social_facility": "day_care", "name": "夕阳红"}, {"amenity": "nursing_home"}
    )
    found = care_places(path, crs=TOWN_CRS)
    assert found["name"].tolist() == ["夕阳红", "n2"]
    wanted = {c.name for c in FACILITIES.columns} - {"facility_id", "lon", "lat", "x", "y"}
    assert wanted <= set(found.columns)
    assert found["floor_area_m2"].sum() == 0
    assert found["floor_area_m2"].dtype == "float64"
    here, findings = locate(found, units({"A": {"geometry": box(*(found.geometry.iloc[0].coords[0]), 1)}}).assign(
        street_id=None, street=None, county_id=None, county=None, urban=None), name="map")  # fmt: skip
    assert [(found.code, found.count) for found in findings] == [("UNIT_NONE", 1)]  # the nursing home is elsewhere
    assert serving(here, pd.Timestamp("2021-12-31").date()).index.tolist() == ["n1"]


@pytest.mark.parametrize(
    ("opened", "built", "serves"),
    [
        (None, None, True),
        (None, "2021-12-31", True),
        (None, "2022-01-01", False),
        ("2021-12-31", None, True),
        ("2022-01-01", "2020-01-01", False),
        ("2021-06-01", "2022-06-01", True),
    ],
)
def test_walks_and_counts_are_of_the_same_facilities(opened: str | None, built: str | None, serves: bool) -> None:
    day = pd.Timestamp("2021-12-31").date()
    row = {"kind": ["day_care"], "status": ["in_use"], "name": ["A"], "geometry": [Point(0, 0)]}
    days = {"opened": pd.to_datetime([opened]), "built": pd.to_datetime([built])}
    frame = gpd.GeoDataFrame({**row, **days}, crs=TOWN_CRS)
    assert len(serving(frame, day)) == serves
    dates = {name: None if column[0] is pd.NaT else column[0].date() for name, column in days.items()}
    assert counts(Facility("1", "A", "day_care", "in_use", **dates), Counting(("day_care",), by=day)) is serves


def test_no_care_place_is_an_empty_table(tmp_path: Path) -> None:
    found = care_places(place_file(tmp_path, {"amenity": "cafe"}), crs=TOWN_CRS)
    assert found.empty
    assert {"kind", "status", "opened", "floor_area_m2"} <= set(found.columns)


def test_a_building_stands_for_itself_by_a_point_inside_it(tmp_path: Path) -> None:
    nodes, ring = square(10, LON, LAT)
    path = write_osm(tmp_path / "b.osm.pbf", nodes, [(5, ring, {"amenity": "nursing_home", "building": "yes"})])
    found = places(path, {"amenity": ("nursing_home",)}, crs=TOWN_CRS)
    shape = ground(path, crs=TOWN_CRS).geometry.iloc[0]
    assert found.index.tolist() == ["w5"]
    assert shape.contains(found.geometry.iloc[0])


def test_ground_is_told_by_feature(tmp_path: Path) -> None:
    ways: list[Way] = []
    nodes: list[Node] = []
    features = [
        ({"building": "yes"}, "building"), ({"natural": "water"}, "water"), ({"leisure": "park"}, "green"),
        ({"landuse": "grass"}, "green"), ({"leisure": "park", "building": "yes"}, "building"),
    ]  # fmt: skip
    for i, (tags, _) in enumerate(features):
        corners, ring = square(10 * i + 10, LON + i * STEP, LAT)
        nodes += corners
        ways.append((i + 1, ring, tags))
    ways += [
        (8, [10, 20, 30], {"railway": "rail"}),
        (9, [11, 21], {"waterway": "river"}),
        (7, [11, 21], {"natural": "cliff"}),
    ]
    found = ground(write_osm(tmp_path / "g.osm.pbf", nodes, ways), crs=TOWN_CRS).set_index("osm_id")["feature"]
    assert found.to_dict() == {
        **{f"w{i + 1}": feature for i, (_, feature) in enumerate(features)}, "w8": "railway", "w9": "water",
    }  # fmt: skip


LINE = [(1, LON, LAT), (2, LON + STEP, LAT), (3, LON + 2 * STEP, LAT)]


@pytest.mark.parametrize(
    ("tags", "crossed"),
    [
        ({"barrier": "wall"}, False), ({"barrier": "fence"}, False), ({"waterway": "river"}, False),
        ({"railway": "rail"}, False), ({"highway": "motorway"}, False),
        ({"waterway": "river", "tunnel": "culvert"}, True), ({"railway": "rail", "bridge": "yes"}, True),
        ({"railway": "rail", "bridge": "no"}, False), ({"highway": "motorway", "bridge": "viaduct"}, True),
        ({"railway": "subway"}, True), ({"barrier": "kerb"}, True), ({"waterway": "ditch"}, True),
        ({"highway": "residential"}, True),
    ],
)  # fmt: skip
def test_lines_nobody_crosses(tmp_path: Path, tags: dict[str, str], crossed: bool) -> None:
    path = write_osm(tmp_path / "l.osm.pbf", LINE, [(1, [1, 2, 3], tags)])
    assert barriers(path, crs=TOWN_CRS).empty is crossed


def test_a_ring_of_wall_is_a_barrier_and_no_area(tmp_path: Path) -> None:
    nodes, ring = square(10, LON, LAT)
    found = barriers(write_osm(tmp_path / "w.osm.pbf", nodes, [(5, ring, {"barrier": "wall"})]), crs=TOWN_CRS)
    assert found.geom_type.tolist() == ["LineString"]
    assert found.is_ring.all()


def test_a_river_cut_at_the_border_of_the_extract_still_parts_its_banks(tmp_path: Path) -> None:
    """A node of the river is not in the extract: what is left of it is no less a river."""
    north = [(n + 10, lon, lat + 0.3 * STEP) for n, lon, lat in LINE]
    ways: list[Way] = [(1, [1, 2, 3, 4, 5, 6], {"waterway": "river"}), (2, [11, 12, 13], {"highway": "footway"})]
    far = [(5, LON + 4 * STEP, LAT), (6, LON + 5 * STEP, LAT)]
    found = barriers(write_osm(tmp_path / "r.osm.pbf", [*LINE, *far, *north], ways), crs=TOWN_CRS)
    assert found.geom_type.tolist() == ["LineString"] * 2  # never bridged over the missing node
    network = walk_network(tmp_path / "r.osm.pbf", crs=TOWN_CRS)
    lat = [LAT - 0.1 * STEP, LAT + 0.1 * STEP]
    banks = gpd.GeoDataFrame(geometry=gpd.points_from_xy([LON + 0.5 * STEP] * 2, lat), crs=4326).to_crs(TOWN_CRS)
    assert (snap(network, banks)["edge"] >= 0).all()
    assert (snap(network, banks, barriers=found)["edge"] >= 0).tolist() == [False, True]


def shapes(path: Path) -> list[tuple[str, str, float]]:
    """Return what there is on the ground and of barriers, without their ids."""
    found = [(feature, shape.geom_type, round(shape.length, 3)) for feature, shape in
             ground(path, crs=TOWN_CRS)[["feature", "geometry"]].to_numpy()]  # fmt: skip
    return sorted(found + [("barrier", line.geom_type, round(line.length, 3)) for line in barriers(path, crs=TOWN_CRS)])


@pytest.mark.parametrize("disorder", ["ways", "nodes", "negative", "twice", "ways first"])
def test_no_feature_is_lost_whatever_the_order_and_sign(tmp_path: Path, disorder: str) -> None:
    """Files from editors hold negative ids, merged ones hold objects twice; a river that vanishes is walked across."""
    one, ring = square(10, LON, LAT)
    two, other = square(20, LON + STEP, LAT)
    nodes, road = [*one, *two], {"waterway": "river"}
    ways: list[Way] = [(1, ring, {"building": "yes"}), (2, other, {"natural": "water"}), (3, [10, 20], road)]
    clean = shapes(write_osm(tmp_path / "clean.osm", nodes, ways))
    assert len(clean) == 4
    path = tmp_path / "odd.osm"
    if disorder == "ways first":
        with osmium.SimpleWriter(str(path)) as out:
            for i, refs, tags in ways:
                out.add_way(osmium.osm.mutable.Way(id=i, version=1, nodes=refs, tags=tags))
            for i, lon, lat in nodes:
                out.add_node(osmium.osm.mutable.Node(id=i, version=1, location=(lon, lat)))
    elif disorder == "negative":
        write_osm(path, [(-i, x, y) for i, x, y in nodes], [(-i, [-r for r in refs], tags) for i, refs, tags in ways])
    else:
        times = 2 if disorder == "twice" else 1
        turn = {"ways": (1, -1), "nodes": (-1, 1)}.get(disorder, (1, 1))
        write_osm(path, nodes[:: turn[0]] * times, ways[:: turn[1]] * times)
    assert shapes(path) == clean


def test_a_courtyard_is_no_building(tmp_path: Path) -> None:
    """A multipolygon of three ways: an outer ring in two parts and a hole."""
    outer, _ = square(10, LON, LAT, STEP)
    inner, hole = square(20, LON + 0.25 * STEP, LAT + 0.25 * STEP, 0.5 * STEP)
    path = tmp_path / "m.osm"
    with osmium.SimpleWriter(str(path)) as out:
        for i, lon, lat in [*outer, *inner]:
            out.add_node(osmium.osm.mutable.Node(id=i, version=1, location=(lon, lat)))
        for i, refs in ((1, [10, 11, 12]), (2, [12, 13, 10]), (3, hole)):
            out.add_way(osmium.osm.mutable.Way(id=i, version=1, nodes=refs, tags={}))
        members = [("w", 1, "outer"), ("w", 2, "outer"), ("w", 3, "inner")]
        tags = {"type": "multipolygon", "building": "yes"}
        out.add_relation(osmium.osm.mutable.Relation(id=7, version=1, members=members, tags=tags))
        cut = {**tags, "building": "house"}  # a way of this one is not in the extract
        out.add_relation(osmium.osm.mutable.Relation(id=8, version=1, members=[*members, ("w", 9, "outer")], tags=cut))
    found = ground(path, crs=TOWN_CRS)
    assert found["osm_id"].tolist() == ["r7"]
    whole = found.geometry.iloc[0].convex_hull.area
    assert found.geometry.iloc[0].area == pytest.approx(0.75 * whole, rel=1e-4)
