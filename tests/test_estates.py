"""Walled estates: which there are, whose gates nobody knows, and what the gates decide."""

from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

import circle15 as c15
from gis.estates import bracket, estates, without_gate
from gis.intake import read_table
from gis.network import WalkNetwork
from gis.streets import walk_network
from gis.tables import GATES
from tests.test_network import CRS, LAT, LON, STEP, grid, write_osm

HSINCHU = "EPSG:3826"


@pytest.fixture(scope="module")
def sample() -> c15.City:
    return c15.read_city(c15.load_project(c15.sample_folder()))


@pytest.fixture(scope="module")
def sample_gates(sample: c15.City) -> gpd.GeoDataFrame:
    return read_table(sample.project.path("gates.csv"), GATES, crs=sample.crs, datum="wgs84").frame


def streets(city: c15.City) -> Path:
    return city.project.path(city.project.inputs.streets.path)


def no_gates(crs: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[], crs=crs)


def test_the_estate_without_a_gate_is_the_one_that_was_made_so(
    sample: c15.City, sample_gates: gpd.GeoDataFrame
) -> None:
    homes = sample.homes.frame
    found = estates(sample.network, extract=streets(sample), gates=sample_gates, homes=homes)
    told = sample_gates["name"].value_counts()
    assert len(found) == len(told) + 1  # every estate of the gates table and 锦绣小区, no open one
    assert found.set_index("name")["gates"].to_dict() == {**told.to_dict(), "锦绣小区": 0}
    (said,) = without_gate(found)
    inside = homes[homes.within(found.geometry[found["name"] == "锦绣小区"].iloc[0])]
    assert said.place == "estates/锦绣小区"
    assert said.found.endswith(f"; {inside['residents'].sum()}")
    assert found["residents"].sum() == homes[homes.intersects(found.union_all())]["residents"].sum()


def test_without_the_gates_table_the_gates_of_the_map_are_known(sample: c15.City) -> None:
    assert [f.place for f in without_gate(estates(sample.network, extract=streets(sample)))] == ["estates/锦绣小区"]
    alone = estates(sample.network)  # private streets are all that tells: one estate each, none with a gate
    assert set(alone["gates"]) == {0}
    assert alone["private_m"].sum() == pytest.approx(
        sample.network.edge_length_m[sample.network.edge_private].sum(), rel=1e-9
    )


def test_private_streets_of_a_real_city(shared_data: Path) -> None:
    """An estate of private streets alone hangs together in networkx without passing a public junction."""
    extract = shared_data / "hsinchu_east.osm.pbf"
    network = walk_network(extract, crs=HSINCHU)
    found = estates(network, extract=extract)
    alone = found[found.index.str.startswith("p")]
    grounds = found[~found.index.isin(alone.index)].union_all()
    public = set(network.edge_nodes[~network.edge_private].ravel().tolist())
    inner = nx.MultiGraph()
    for edge in np.flatnonzero(network.edge_private).tolist():
        u, v = ((node, edge) if node in public else node for node in network.edge_nodes[edge].tolist())
        if not grounds.intersects(network.lines[edge].interpolate(0.5, normalized=True)):
            inner.add_edge(u, v, metres=network.edge_length_m[edge])
    lengths = [inner.subgraph(part).size(weight="metres") for part in nx.connected_components(inner)]
    assert sorted(alone["private_m"]) == pytest.approx(sorted(m for m in lengths if m >= 100))
    assert len(alone) > 5  # this extract is known for its private streets
    assert {f.code for f in without_gate(found)} == {"ESTATE_NO_GATE"}


def test_a_map_without_a_sign_of_estates_has_none(shared_data: Path) -> None:
    """Seven housing areas, ten short walls elsewhere, no private street, no gate at an edge: nothing is made up."""
    extract = shared_data / "beijing_wudaokou.osm.pbf"
    network = walk_network(extract, crs="EPSG:4548")
    assert not network.edge_private.any()
    assert len(estates(network, extract=extract)) == 0
    rng = np.random.default_rng(5)
    xy = network.node_xy[rng.integers(0, len(network.node_id), 400)] + rng.normal(0, 20, (400, 2))
    people, doors = _town(xy, network.crs)
    shut = walk_network(extract, crs="EPSG:4548", gates=no_gates("EPSG:4548"))
    both = bracket(shut, network, people, doors)
    assert both.loc["gates_given"].equals(both.loc["open_everywhere"])


def _town(xy: np.ndarray, crs: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return homes with one elder or more at the places, and day care at the first ten."""
    homes = gpd.GeoDataFrame({"community_id": "a", "residents": 9, "elders": np.arange(len(xy)) % 5 + 1},
                             geometry=shapely.points(xy), crs=crs,
                             index=pd.Index([f"h{i}" for i in range(len(xy))], name="demand_id"))  # fmt: skip
    doors = gpd.GeoDataFrame({"kind": "day_care"}, geometry=shapely.points(xy[:10] + 5), crs=crs, index=range(10))
    return homes, doors


def test_opening_estates_never_lowers_what_is_covered(shared_data: Path) -> None:
    extract = shared_data / "hsinchu_east.osm.pbf"
    opened = walk_network(extract, crs=HSINCHU)
    shut = walk_network(extract, crs=HSINCHU, gates=no_gates(HSINCHU))
    rng = np.random.default_rng(4)
    inside = opened.node_xy[np.unique(opened.edge_nodes[opened.edge_private])]
    homes, doors = _town(np.concatenate([inside, rng.permutation(opened.node_xy)[:600]]), HSINCHU)
    both = bracket(shut, opened, homes, doors)
    given, free = both.loc["gates_given"], both.loc["open_everywhere"]
    assert given["elders"] == free["elders"] == homes["elders"].sum()
    for minutes in (5, 10, 15):
        assert given[f"elders_covered_{minutes}"] <= free[f"elders_covered_{minutes}"]
    assert given["elders_covered_15"] < free["elders_covered_15"]  # doors and homes stand on private streets
    assert given["elders_unknown"] > free["elders_unknown"]


def test_the_bracket_of_a_tiny_town(tmp_path: Path) -> None:
    """One home of 8 elders behind a wall 200 m from the door: unknown without its gate, covered with it or opened."""
    nodes, ways = grid()
    inner = [(50, LON + 0.3 * STEP, LAT + 0.5 * STEP), (51, LON + 0.7 * STEP, LAT + 0.5 * STEP)]
    path = write_osm(tmp_path / "e.osm", nodes + inner,
                     [*ways, (300, [1, 50, 51, 2], {"highway": "service", "access": "private"})])  # fmt: skip
    places = [(LON + 0.5 * STEP, LAT + 0.5 * STEP), (LON + 3 * STEP, LAT)]
    at = gpd.GeoSeries(gpd.points_from_xy(*zip(*places, strict=True)), crs=4326).to_crs(CRS)
    homes = gpd.GeoDataFrame({"community_id": "a", "residents": [40, 5], "elders": [8, 1]}, geometry=at.to_numpy(),
                             crs=CRS, index=pd.Index(["in", "out"], name="demand_id"))  # fmt: skip
    door = gpd.GeoDataFrame({"kind": ["day_care"]}, geometry=[at.iloc[1]], crs=CRS, index=["F"])
    gate = gpd.GeoDataFrame(geometry=gpd.points_from_xy([LON], [LAT]), crs=4326).to_crs(CRS)

    def network(gates: gpd.GeoDataFrame | None) -> WalkNetwork:
        return walk_network(path, crs=CRS, gates=gates)

    shut = bracket(network(gate.iloc[:0]), network(None), homes, door)
    assert shut["elders_covered_15"].to_dict() == {"gates_given": 1, "open_everywhere": 9}
    assert shut["elders_unknown"].to_dict() == {"gates_given": 8, "open_everywhere": 0}
    known = bracket(network(gate), network(None), homes, door)
    assert known["elders_covered_15"].to_dict() == {"gates_given": 9, "open_everywhere": 9}
    found = estates(network(None), extract=path, gates=gate, homes=homes)
    assert found[["gates", "residents", "elders"]].to_numpy().tolist() == [[1, 40, 8]]
    assert not without_gate(found)
    assert len(without_gate(estates(network(gate.iloc[:0]), extract=path, homes=homes))) == 1
