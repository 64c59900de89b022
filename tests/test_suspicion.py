"""Whether coordinates may be of another datum: a shifted table is suspected, a right one is not."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

import circle15 as c15
from gis.datum import Datum, from_wgs84, metre_crs
from gis.errors import Finding
from gis.extract import middle
from gis.intake import read_table
from gis.network import WalkNetwork
from gis.streets import walk_network
from gis.suspicion import community_fits, datum_suspicion, mixed_findings, suspicion_findings
from gis.tables import COMMUNITIES, FACILITIES, RESIDENTS, Table

SAMPLE_CRS = "EPSG:4547"
DRAWS = 25


@pytest.fixture(scope="module")
def town() -> WalkNetwork:
    return walk_network(c15.sample_folder() / "streets.osm.pbf", crs=SAMPLE_CRS)


def suspected(network: WalkNetwork, points: gpd.GeoDataFrame, datum: Datum = "wgs84") -> list[str]:
    found = datum_suspicion(points, network, datum=datum)
    return list(found.index[found["suspect"]])


@pytest.mark.parametrize(
    ("file", "table", "read_as", "answer"),
    [
        ("设施.xlsx", FACILITIES, "gcj02", []),
        ("设施.xlsx", FACILITIES, "wgs84", ["gcj02"]),
        ("设施.xlsx", FACILITIES, "cgcs2000", ["gcj02"]),
        ("设施.xlsx", FACILITIES, "bd09", ["gcj02"]),
        ("residents.csv", RESIDENTS, "wgs84", []),
        ("residents.csv", RESIDENTS, "gcj02", ["wgs84"]),
    ],
)
def test_a_table_read_under_the_wrong_datum_is_suspected(
    town: WalkNetwork, file: str, table: Table, read_as: Datum, answer: list[str]
) -> None:
    read = read_table(c15.sample_folder() / file, table, crs=SAMPLE_CRS, datum=read_as, sheet=None)
    found = datum_suspicion(read.frame, town, datum=read_as)
    assert list(found.index[found["suspect"]]) == answer
    said = suspicion_findings(found, datum=read_as, name=file)
    assert [(f.code, f.severity, f.place) for f in said] == [("DATUM_SUSPECT", "warn", file)] * len(answer)
    assert all(datum in said[0].line("zh") for datum in (*answer, read_as) if answer)
    shuffled = read.frame.sample(frac=1, random_state=1)
    assert datum_suspicion(shuffled, town, datum=read_as).equals(found)


def test_few_places_or_none_tell_nothing(town: WalkNetwork) -> None:
    frame = read_table(c15.sample_folder() / "设施.xlsx", FACILITIES, crs=SAMPLE_CRS, datum="wgs84", sheet=None).frame
    assert suspected(town, frame.iloc[:7]) == []
    nowhere = frame.assign(geometry=None).set_crs(SAMPLE_CRS)
    assert datum_suspicion(nowhere, town)["places"].tolist() == [0, 0, 0]
    assert suspected(town, nowhere) == []
    with pytest.raises(ValueError, match="network in"):
        datum_suspicion(frame.to_crs("EPSG:4326"), town)


@pytest.mark.parametrize("extract", ["hsinchu_east", "nanjing_gulou"])
def test_twelve_places_at_streets_are_told_apart(extract: str, shared_data: Path) -> None:
    """Facilities near a street: shifted ones are mostly found and named rightly, right ones never suspected.

    Places anywhere at all, which say nothing of a datum, are suspected by chance: the rule allows about one in a
    hundred for each datum, so five of fifty draws would be far too many.
    """
    streets = shared_data / f"{extract}.osm.pbf"
    network = walk_network(streets, crs=metre_crs(*middle(streets)))
    to_degrees = pyproj.Transformer.from_crs(network.crs, "EPSG:4326", always_xy=True)
    rng = np.random.default_rng(7)
    low, high = np.quantile(network.node_xy, [0.15, 0.85], axis=0)

    def at_streets() -> np.ndarray:
        share = network.edge_length_m / network.length_km / 1000
        edge = rng.choice(len(share), p=share, size=12)
        on = shapely.line_interpolate_point(network.lines[edge], rng.random(12), normalized=True)
        return shapely.get_coordinates(on) + rng.uniform(-12, 12, (12, 2))

    def shifted(datum: Datum) -> np.ndarray:
        degrees = from_wgs84(*to_degrees.transform(*at_streets().T), datum=datum)
        return np.column_stack(to_degrees.transform(*degrees, direction="INVERSE"))

    def answers(place: Callable[[], np.ndarray], draws: int) -> list[list[str]]:
        frames = (gpd.GeoDataFrame(geometry=shapely.points(place()), crs=network.crs) for _ in range(draws))
        return [suspected(network, frame) for frame in frames]

    assert answers(at_streets, DRAWS) == [[]] * DRAWS
    for datum in ("gcj02", "bd09"):
        found = answers(lambda datum=datum: shifted(datum), DRAWS)  # type: ignore[misc]
        assert found.count([datum]) >= 0.8 * DRAWS
        assert found.count([datum]) + found.count([]) == DRAWS
    anywhere = answers(lambda: rng.uniform(low, high, (12, 2)), 2 * DRAWS)
    assert sum(map(bool, anywhere)) < 5


def test_two_datums_in_one_table_are_said_with_their_rows(town: WalkNetwork) -> None:
    """Homes of the sample, every fourth clicked on Amap; and none of it where all are of one datum."""
    folder = c15.sample_folder()
    communities = read_table(folder / "communities.gpkg", COMMUNITIES, crs=SAMPLE_CRS).frame
    right = read_table(folder / "residents.csv", RESIDENTS, crs=SAMPLE_CRS, datum="wgs84").frame.iloc[::40]
    degrees = right.geometry.to_crs(4326)
    shifted = gpd.GeoSeries(gpd.points_from_xy(*from_wgs84(degrees.x, degrees.y, datum="gcj02")), right.index, crs=4326)
    every_fourth = np.arange(len(right)) % 4 == 0
    mixed = right.set_geometry(shifted.to_crs(SAMPLE_CRS).where(every_fourth, right.geometry))

    def told(table: gpd.GeoDataFrame) -> tuple[Finding, ...]:
        fits = community_fits(table, communities, datum="wgs84")
        assert not suspicion_findings(None, fits, name="人口.csv")
        return mixed_findings(table.iloc[:0], town, fits, datum="wgs84", name="人口.csv")

    (finding,) = told(mixed)
    assert finding.code == "DATUM_MIXED"
    assert set(finding.found.split(": ")[1].removesuffix(" …").split(", ")) <= set(right.index[every_fourth])
    assert told(right) == ()
