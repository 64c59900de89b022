"""People from a raster: every person of every cell, at its middle, in any CRS; what cannot be people is refused."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rasterio.enums import ColorInterp
from rasterio.transform import Affine

from gis.coverage import coverage, located
from gis.datum import from_wgs84
from gis.errors import InputError
from gis.homes import Homes, homes_from_table
from gis.raster import homes_from_raster, is_geotiff
from gis.reach import reach
from gis.snap import snap
from gis.streets import walk_network
from gis.towns import TOWN_CRS
from tests.test_groups import group_sums
from tests.test_homes import by_unit, table
from tests.test_units import units

EAST, NORTH = 500_000.0, 3_950_000.0
PEOPLE = np.array([[1.5, 0, 2.25, 10], [0, 4, 8, 0.5], [3, 3, 0.25, 7]])


def write(file: Path, values: np.ndarray, **how: object) -> Path:
    """Write bands of 100 m cells, the upper left corner 300 m north of (EAST, NORTH), unless told otherwise."""
    bands = values if values.ndim == 3 else values[None]
    count, height, width = bands.shape
    profile = {"crs": TOWN_CRS, "transform": Affine(100, 0, EAST, 0, -100, NORTH + 300), "dtype": bands.dtype} | how
    with rasterio.open(file, "w", driver="GTiff", count=count, height=height, width=width, **profile) as raster:
        raster.write(bands)
    return file


def halves(**people: list[object]) -> gpd.GeoDataFrame:
    """Return two communities that share the raster, two columns of three cells each; the first code in the east."""
    east = shapely.box(EAST + 200, NORTH, EAST + 400, NORTH + 300)
    west = shapely.box(EAST, NORTH, EAST + 200, NORTH + 300)
    frame = units({"A": {"geometry": east}, "B": {"geometry": west}})
    return frame.assign(**{name: pd.array(values, dtype="Int64") for name, values in people.items()})


def homes_of(file: Path, communities: gpd.GeoDataFrame | None = None, **how: object) -> Homes:
    how = {"elder_share": 0.25} | how
    return homes_from_raster(file, halves() if communities is None else communities, crs=TOWN_CRS, **how)


def told(homes: Homes) -> list[tuple[str, str, int]]:
    assert all(finding.line(language) for finding in homes.findings for language in ("zh", "en"))
    return [(f.code, f.found, f.count) for f in homes.findings]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrays(np.float64, (3, 4), elements=st.floats(0, 500)))
def test_every_person_of_every_cell_is_a_home_at_its_middle(tmp_path: Path, people: np.ndarray) -> None:
    file = write(tmp_path / "people.tif", people)
    if not people.any():
        with pytest.raises(InputError, match="RASTER_NOBODY"):
            homes_of(file)
        return
    homes = homes_of(file)
    rows, columns = np.nonzero(people)
    frame = homes.frame.loc[[f"r{row}c{column}" for row, column in zip(rows, columns, strict=True)]]
    assert len(frame) == len(homes.frame)
    assert frame.crs == TOWN_CRS
    at = np.column_stack([EAST + 100 * columns + 50, NORTH + 300 - 100 * rows - 50])
    assert np.abs(shapely.get_coordinates(frame.geometry) - at).max() < 1e-6
    assert (np.abs(frame["residents"] - people[rows, columns]) < 1).all()
    for unit, part in (("A", people[:, 2:]), ("B", people[:, :2])):
        assert abs(by_unit(homes, "residents").get(unit, 0) - part.sum()) <= 0.5 + 1e-9
    assert homes.source == "homes.raster"
    assert homes.ledger is not None
    assert homes.ledger.rows_used == homes.ledger.rows_read == len(rows)
    again = homes_of(file, halves().iloc[::-1])
    pd.testing.assert_frame_equal(pd.DataFrame(homes.frame), pd.DataFrame(again.frame))


def test_a_raster_is_the_table_of_its_cells(tmp_path: Path) -> None:
    communities = halves(elders=[9, 4], disabled=[5, None])
    homes = homes_of(write(tmp_path / "people.tif", PEOPLE), communities)
    rows, columns = np.nonzero(PEOPLE)
    at = list(zip(EAST + 100 * columns + 50, NORTH + 250 - 100 * rows, strict=True))
    rows_of = table(at=at, residents=PEOPLE[rows, columns].tolist())
    rows_of.index = pd.Index(
        [f"r{row}c{column}" for row, column in zip(rows, columns, strict=True)], name="demand_id", dtype="string"
    )
    same = homes_from_table(rows_of, communities, elder_share=0.25)
    pd.testing.assert_frame_equal(pd.DataFrame(homes.frame), pd.DataFrame(same.frame), check_exact=False)
    assert by_unit(homes, "elders") == {"A": 9, "B": 4}
    assert group_sums(homes, "disabled") == {"A": 5, "B": None}


def test_a_turned_raster_keeps_its_people_where_they_are(tmp_path: Path) -> None:
    turn = Affine.translation(EAST + 200, NORTH + 150) @ Affine.rotation(30) @ Affine.scale(60, -60)
    homes = homes_of(write(tmp_path / "people.tif", PEOPLE[:2, :2], transform=turn))
    where = shapely.get_coordinates(homes.frame.loc[["r0c0", "r1c1"]].geometry)
    assert where == pytest.approx(np.array([turn @ (0.5, 0.5), turn @ (1.5, 1.5)]), abs=1e-6)


people_at = st.lists(
    st.tuples(st.sampled_from([0, 1]), st.floats(200, 800), st.floats(200, 800), st.integers(1, 40)),
    min_size=1,
    max_size=30,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people_at)
def test_degrees_and_metres_give_the_same_community_totals(
    tmp_path: Path, people: list[tuple[int, float, float, int]]
) -> None:
    """People farther from a border than a cell, in quarters, gathered on two grids: nobody changes community."""
    side = {"A": shapely.box(EAST, NORTH, EAST + 1000, NORTH + 1000)}
    side["B"] = shapely.box(EAST + 1000, NORTH, EAST + 2000, NORTH + 1000)
    communities = units({code: {"geometry": shape} for code, shape in side.items()})
    unit, x, y, quarters = (np.array(values) for values in zip(*people, strict=True))
    x, y = EAST + 1000 * unit + x, NORTH + y
    lon, lat = pyproj.Transformer.from_crs(TOWN_CRS, 4326, always_xy=True).transform(x, y)
    totals = []
    for crs, (a, b), cell in (
        (TOWN_CRS, (x, y), 70.0),
        ("EPSG:4326", (np.array(lon), np.array(lat)), 0.0007),
        ("EPSG:3857", pyproj.Transformer.from_crs(TOWN_CRS, 3857, always_xy=True).transform(x, y), 90.0),
    ):
        left, top = a.min() - 3.3 * cell, b.max() + 2.7 * cell
        column, row = ((a - left) // cell).astype(int), ((top - b) // cell).astype(int)
        values = np.zeros((row.max() + 3, column.max() + 4))
        np.add.at(values, (row, column), quarters / 4)
        file = write(tmp_path / "grid.tif", values, crs=crs, transform=Affine(cell, 0, left, 0, -cell, top))
        homes = homes_from_raster(file, communities, crs=TOWN_CRS, elder_share=0.5)
        totals.append([by_unit(homes, name) for name in ("residents", "elders")])
    exact = pd.Series(quarters / 4).groupby(np.where(unit, "B", "A")).sum()
    assert totals[0][0] == np.floor(exact + 0.5).astype(int).to_dict()
    assert totals[0] == totals[1] == totals[2]


EMPTY = -200.0


@pytest.mark.parametrize("way", ["nodata", "nan", "nan nodata", "mask", "alpha"])
def test_what_holds_no_data_is_nobody(tmp_path: Path, way: str) -> None:
    values, hole = PEOPLE.copy(), np.zeros(PEOPLE.shape, dtype=bool)
    hole[0, 3] = hole[2, 0] = True
    values[hole] = np.nan if "nan" in way else EMPTY
    file = tmp_path / "people.tif"
    if way == "mask":
        write(file, values)
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(file, "r+") as raster:
            raster.write_mask(~hole)
    elif way == "alpha":
        write(file, np.stack([np.where(hole, 90, values), np.where(hole, 0, 255)]).astype(np.uint8))
        with rasterio.open(file, "r+") as raster:
            raster.colorinterp = [ColorInterp.gray, ColorInterp.alpha]
    else:
        write(file, values, nodata={"nodata": EMPTY, "nan": None, "nan nodata": np.nan}[way])
    homes = homes_of(file)
    whole = {"A": 17, "B": 8}  # a band with alpha holds bytes: 2 + 8 + 0 + 0 + 7 and 1 + 4 + 3
    parts = {"A": 18, "B": 9}  # 2.25 + 8 + 0.5 + 0.25 + 7 and 1.5 + 4 + 3
    assert by_unit(homes, "residents") == (whole if way == "alpha" else parts)
    assert not {"r0c3", "r2c0"} & set(homes.frame.index)


def test_scale_and_offset_of_the_band_are_honoured(tmp_path: Path) -> None:
    file = write(tmp_path / "people.tif", np.array([[10, 20], [0, 255]], dtype=np.uint8), nodata=255)
    with rasterio.open(file, "r+") as raster:
        raster.scales, raster.offsets = (0.5,), (2.0,)
    assert homes_of(file).frame["residents"].to_dict() == {"r0c0": 7, "r0c1": 12, "r1c0": 2}


def test_a_raster_in_shifted_degrees_comes_home(tmp_path: Path) -> None:
    """Over 400 m the shift is one and the same to two metres: the raster of GCJ-02 is the other, moved by it."""
    to_degrees = pyproj.Transformer.from_crs(TOWN_CRS, 4326, always_xy=True)
    west, north = to_degrees.transform(EAST, NORTH + 300)
    there = [float(part) for part in from_wgs84(west, north, datum="gcj02")]
    cell = (0.0011, 0, west, 0, -0.0009, north), (0.0011, 0, there[0], 0, -0.0009, there[1])
    true, moved = (write(tmp_path / f"{i}.tif", PEOPLE, crs=4326, transform=Affine(*at)) for i, at in enumerate(cell))
    right, home = homes_of(true), homes_of(moved, datum="gcj02")
    assert home.frame.drop(columns="geometry").equals(right.frame.drop(columns="geometry"))
    assert (home.frame.distance(right.frame) < 2).all()
    with pytest.raises(InputError, match=r"RASTER_NOBODY|RASTER_ELSEWHERE"):
        homes_of(moved)
    with pytest.raises(InputError, match="CRS_OLD_DATUM"):
        homes_of(write(tmp_path / "xian.tif", PEOPLE, crs=4610, transform=Affine(*cell[0])))
    with pytest.raises(InputError, match="DATUM_METRES"):
        homes_of(write(tmp_path / "metres.tif", PEOPLE), datum="gcj02")


def test_of_several_bands_one_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "people.tif", np.stack([PEOPLE, 2 * PEOPLE]))
    with pytest.raises(InputError, match=r"RASTER_BAND people.tif.*found: 1, 2"):
        homes_of(file)
    with pytest.raises(InputError, match="RASTER_BAND"):
        homes_of(file, band=3)
    assert homes_of(file, band=2).frame["residents"].sum() == 2 * PEOPLE.sum() + 0.0


def test_where_the_raster_and_the_city_part_is_said(tmp_path: Path) -> None:
    """One community ends beyond the raster, cells beyond the other are people of its neighbours."""
    east = shapely.box(EAST + 200, NORTH, EAST + 900, NORTH + 300)
    west = shapely.box(EAST + 100, NORTH + 100, EAST + 200, NORTH + 300)
    communities = units({"A": {"geometry": east}, "B": {"geometry": west}, "C": {"name": "无图"}})
    homes = homes_of(write(tmp_path / "people.tif", PEOPLE), communities)
    assert by_unit(homes, "residents") == {"A": 28, "B": 4}
    assert told(homes) == [("RASTER_PARTLY", "A", 1), ("RASTER_OUTSIDE", "8", 3)]  # 1.5 + 3 + 3 people in three cells
    assert homes.ledger is not None
    assert (homes.ledger.rows_read, homes.ledger.rows_used) == (10, 7)
    assert dict(homes.ledger.left_out) == {"RASTER_OUTSIDE": 3}


def test_coarse_cells_and_densities_are_said(tmp_path: Path) -> None:
    coarse = Affine(300, 0, EAST, 0, -300, NORTH + 300)
    homes = homes_of(write(tmp_path / "coarse.tif", np.array([[9.0]]), transform=coarse))
    assert told(homes) == [("RASTER_COARSE", "300 m", 1)]
    dense = homes_of(write(tmp_path / "dense.tif", np.full((3, 4), 1001.0)))  # 1,000 people on 100 m by 100 m
    assert told(dense) == [("RASTER_DENSE", "100,100 / km2", 1)]
    assert told(homes_of(write(tmp_path / "full.tif", np.full((3, 4), 1000.0)))) == []


VRT = '<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1"/></VRTDataset>'


def test_what_is_no_raster_of_people_here_is_refused(tmp_path: Path) -> None:
    def refused(code: str, file: Path, communities: gpd.GeoDataFrame | None = None) -> None:
        with pytest.raises(InputError) as caught:
            homes_of(file, communities)
        assert [f.code for f in caught.value.findings] == [code]
        assert all(str(tmp_path) not in f.place for f in caught.value.findings) or code == "FILE_MISSING"

    def changed(value: float, **how: object) -> Path:
        values = PEOPLE.copy()
        values[1, 2] = value
        return write(tmp_path / "people.tif", values, **how)

    refused("FILE_MISSING", tmp_path / "none.tif")
    for name, content in (("table.tif", b"residents\n1\n"), ("links.tif", VRT.encode())):
        (tmp_path / name).write_bytes(content)
        refused("RASTER_FORMAT", tmp_path / name)
    good = write(tmp_path / "good.tif", np.tile(PEOPLE, (40, 40)))
    (tmp_path / "cut.tif").write_bytes(good.read_bytes()[:3000])
    refused("FILE_BROKEN", tmp_path / "cut.tif")
    refused("RASTER_PLACE", write(tmp_path / "people.tif", PEOPLE, crs=None))
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        nowhere = write(tmp_path / "people.tif", PEOPLE, transform=None)
    refused("RASTER_PLACE", nowhere)
    refused("RASTER_SHAPES", good, halves().set_geometry(gpd.GeoSeries([None, None], index=["A", "B"], crs=TOWN_CRS)))
    refused("RASTER_NOBODY", write(tmp_path / "people.tif", 0 * PEOPLE))
    for value in (-9999, -0.001, 20_001, 65535, np.inf, -3.4e38):  # 2 people per m2 on 100 m by 100 m
        refused("RASTER_VALUE", changed(value))
    assert homes_of(changed(20_000)).frame["residents"].max() == 20_000
    refused("RASTER_VALUE", write(tmp_path / "people.tif", PEOPLE.astype(complex)))
    for move in (Affine(100, 0, EAST + 90_000, 0, -100, NORTH), Affine(0.001, 0, 8.0, 0, -0.001, 50.0)):
        crs = TOWN_CRS if move.a == 100 else "EPSG:4326"
        refused("RASTER_ELSEWHERE", write(tmp_path / "people.tif", PEOPLE, transform=move, crs=crs))
    fine = Affine(0.05, 0, EAST, 0, -0.05, NORTH + 300)
    sparse = {"sparse_ok": True, "tiled": True, "compress": "deflate"}
    with rasterio.open(tmp_path / "fine.tif", "w", driver="GTiff", count=1, height=6000, width=8000, dtype="uint8",
                       crs=TOWN_CRS, transform=fine, **sparse):  # fmt: skip
        pass
    refused("RASTER_FINE", tmp_path / "fine.tif")


def test_values_beyond_the_city_are_nobodys_concern(tmp_path: Path) -> None:
    values = PEOPLE.copy()
    values[:, 3] = -9999
    communities = halves().iloc[1:]
    assert homes_of(write(tmp_path / "people.tif", values), communities).frame["residents"].sum() == 12  # 11.5


def test_a_raster_is_told_by_its_content(tmp_path: Path) -> None:
    file = write(tmp_path / "people.tif", PEOPLE)
    assert is_geotiff(file.rename(tmp_path / "people.dat"))
    (tmp_path / "people.tif").write_text("residents\n")
    assert not is_geotiff(tmp_path / "people.tif")
    assert not is_geotiff(tmp_path)


def test_the_cells_of_a_city_as_raster_and_as_points_are_covered_alike(shared_data: Path, tmp_path: Path) -> None:
    """The cells are of 100 m in Mollweide: in that CRS the raster is the table; gathered to degrees people move.

    Moved by up to half of 0.001 degrees (some 70 m), a home at the rim of a walk may change sides, and about as many
    come in as go out: within 1 % of all people, and the same people in all.
    """
    cells = pd.read_csv(shared_data / "wuhan_population_ghsl2015.csv")
    near = cells[cells["lng"].between(114.28, 114.36) & cells["lat"].between(30.55, 30.60)]
    crs, everywhere = "EPSG:4547", shapely.box(114.2, 30.5, 114.45, 30.65)
    communities = units({"W": {"geometry": everywhere}}).set_crs(4326, allow_override=True).to_crs(crs)
    network = walk_network(shared_data / "wuhan_8989.osm.pbf", crs=crs)
    nodes = np.random.default_rng(15).choice(len(network.node_id), 500, replace=False)
    doors = gpd.GeoDataFrame(
        {"kind": "day_care"}, geometry=shapely.points(network.node_xy[nodes]), crs=crs, index=[f"F{n}" for n in nodes]
    ).rename_axis("facility_id")

    def covered(homes: Homes) -> tuple[int, int]:
        at_homes, at_doors = snap(network, homes.frame), snap(network, doors)
        walks = reach(network, at_homes, at_doors, minutes=15, speed_m_s=1.0)
        known = located(network, at_homes, at_doors)
        found = coverage(homes.frame, walks, doors, known, minutes=(15,))
        return int(found["residents"].sum()), int(found["residents"][found["covered_15"]].sum())

    points = table(at=[(0, 0)] * len(near), residents=near["population"].tolist())
    points = points.set_geometry(
        gpd.GeoSeries(gpd.points_from_xy(near["lng"], near["lat"], crs=4326).to_crs(crs), index=points.index)
    )
    people, inside = covered(homes_from_table(points.set_crs(crs), communities, elder_share=0.2))
    assert 0.05 * people < inside < 0.95 * people  # there is something to get wrong
    for grid, cell in (("ESRI:54009", 100.0), ("EPSG:4326", 0.001)):
        x, y = pyproj.Transformer.from_crs(4326, grid, always_xy=True).transform(near["lng"], near["lat"])
        left, top = (np.floor(np.min(x) / cell) - 1) * cell, (np.ceil(np.max(y) / cell) + 1) * cell
        column, row = ((x - left) // cell).astype(int), ((top - y) // cell).astype(int)
        values = np.zeros((row.max() + 2, column.max() + 2))
        np.add.at(values, (row, column), near["population"])
        file = write(tmp_path / "wuhan.tif", values, crs=grid, transform=Affine(cell, 0, left, 0, -cell, top))
        homes = homes_from_raster(file, communities, crs=crs, elder_share=0.2)
        as_raster = covered(homes)
        assert as_raster[0] == people
        assert abs(as_raster[1] - inside) <= (0.001 if grid == "ESRI:54009" else 0.01) * people, grid
