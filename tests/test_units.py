"""What a code says, and to which unit a place belongs: declared or by position, on borders, with gaps in the table."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gis.tables import COMMUNITIES
from gis.units import by_position, complete, locate

CRS = "EPSG:4547"


def units(rows: dict[str, dict[str, object]]) -> gpd.GeoDataFrame:
    """Return a communities table with only what is said in it."""
    columns = [column.name for column in COMMUNITIES.columns if column.name != "community_id"]
    frame = pd.DataFrame([{"name": code, **row} for code, row in rows.items()], columns=[*columns, "geometry"])
    frame.index = pd.Index(list(rows), name="community_id", dtype="str")
    return gpd.GeoDataFrame(
        frame, geometry=frame["geometry"].astype(object).where(frame["geometry"].notna(), None), crs=CRS
    )


def said(frame: pd.DataFrame, code: str, *columns: str) -> list[object]:
    return [None if pd.isna(value) else value for value in frame.loc[code, list(columns)]]


def box(x: float, y: float, side: float = 100) -> shapely.Polygon:
    return shapely.box(x, y, x + side, y + side)


def places(*xy: tuple[float, float] | None, declared: list[object] | None = None) -> gpd.GeoDataFrame:
    shapes = [None if at is None else shapely.Point(at) for at in xy]
    frame = pd.DataFrame({"community_id": declared or [None] * len(xy)}, index=[f"p{i}" for i in range(len(xy))])
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=CRS)


@pytest.mark.parametrize(
    ("code", "level", "urban", "street_level"),
    [
        ("410611001001", "community", True, "street"),
        ("410611099199", "community", True, "street"),
        ("410611100200", "village", False, "town"),
        ("410611399399", "village", False, "town"),
        ("410611400498", "community", True, None),  # a development zone; its units that stand for a community ...
        ("410611001500", "village", False, "street"),  # ... and for a village
        ("410611000000", None, None, None),  # the county itself
        ("41061100100", None, None, None),  # a digit lost
        ("410611001001.0", None, None, None),
        ("X1", None, None, None),
    ],
)
def test_what_a_code_says(code: str, level: str | None, urban: bool | None, street_level: str | None) -> None:
    frame = complete(units({code: {}, "410611001001": {}} if code != "410611001001" else {code: {}}))
    assert said(frame, code, "level", "urban", "street_level") == [level, urban, street_level]
    inside = [code[:9], code[:6]] if len(code) == 12 and code.isdigit() else [None, None]
    assert said(frame, code, "street_id", "county_id") == inside


def test_every_number_of_a_code_is_read_as_the_statistics_bureau_numbers_them() -> None:
    """Oracle: the ranges of the code's standard, written out as a ladder; each of the thousand numbers there is."""
    numbers = [f"{number:03d}" for number in range(1000)]
    frame = complete(units({f"410611{number}{number}": {} for number in numbers}))
    for number in numbers:
        level: str | None = "community"
        if number == "000" or number >= "600":
            level = None
        elif "200" <= number < "400" or number >= "500":
            level = "village"
        street = None if number == "000" or number >= "400" else "street" if number < "100" else "town"
        urban = None if level is None else level == "community"
        assert said(frame, f"410611{number}{number}", "level", "urban", "street_level") == [level, urban, street]


def test_what_the_table_says_goes_before_the_code() -> None:
    frame = complete(
        units({
            "410611001001": {"level": "village", "street": "大赉店镇", "street_id": "S1", "county": "淇滨区"},
            "410611001002": {"level": "", "street": "", "county": None},
        })
    )  # fmt: skip
    assert said(frame, "410611001001", "level", "urban", "street_id", "street_level") == [
        "village",
        False,
        "S1",
        "town",
    ]
    assert said(frame, "410611001001", "county_id", "county") == ["410611", "淇滨区"]
    assert said(frame, "410611001002", "level", "street_id", "street") == ["community", "410611001", "410611001"]


@pytest.mark.parametrize(
    ("street", "level"),
    [("长江路街道", "street"), ("长江路街道办事处", "street"), ("长江路街道办", "street"), ("钜桥镇", "town"),
     ("上峪乡", "town"), ("保合少苏木", "town"), ("如意开发区", None)],
)  # fmt: skip
def test_the_name_tells_a_street_from_a_town(street: str, level: str | None) -> None:
    assert said(complete(units({"A": {"street": street}})), "A", "street_level", "street_id") == [level, street]


def test_streets_of_one_name_in_two_counties_stay_two() -> None:
    frame = complete(
        units({
            "A": {"street": "城关镇", "county": "浚县"},
            "B": {"street": "城关镇", "county": "淇县"},
            "C": {"street": "钜桥镇", "county": "浚县"},
        })
    )  # fmt: skip
    assert frame["street_id"].nunique() == 3
    assert frame["street"].tolist() == ["城关镇", "城关镇", "钜桥镇"]
    assert said(frame, "C", "street_id") == ["钜桥镇"]


def test_nothing_given_is_changed() -> None:
    table = units({"410611001001": {}})
    before = table.copy()
    complete(table)
    assert table.equals(before)


def test_a_place_lies_where_its_polygon_is() -> None:
    table = units(
        {"B": {"geometry": box(0, 0)}, "A": {"geometry": box(100, 0)}, "C": {}, "D": {"geometry": shapely.Polygon()}}
    )
    found = by_position(places((50, 50), (150, 50), (100, 50), (50, 500), None), table)
    assert [None if pd.isna(unit) else unit for unit in found] == [
        "B",
        "A",
        "A",
        None,
        None,
    ]  # a border: the first code
    assert by_position(places((50, 50)), table.iloc[::-1]).tolist() == ["B"]
    assert by_position(places((50, 50)), table.loc[["C"]]).isna().all()


def test_overlapping_polygons_give_each_place_once() -> None:
    table = units({"B": {"geometry": box(0, 0)}, "A": {"geometry": box(50, 0)}})
    assert by_position(places((75, 50), (25, 50), (125, 50)), table).tolist() == ["A", "B", "A"]


def test_declared_counts_before_position_and_both_are_told() -> None:
    table = complete(units({"410611001001": {"geometry": box(0, 0)}, "410611001002": {"geometry": box(100, 0)}}))
    one, two = table.index
    found, findings = locate(
        places((50, 50), (50, 50), (150, 50), (50, 50), (900, 900), declared=[one, two, None, "999999999999", ""]),
        table,
        name="facilities",
    )
    none = [None if pd.isna(unit) else unit for unit in found["community_id"]]
    assert none == [one, two, two, one, None]
    assert found["street_id"].dropna().tolist() == ["410611001"] * 4
    assert {(f.code, f.place, f.found) for f in findings} == {
        ("UNIT_UNKNOWN", "facilities/p3", "999999999999"),
        ("UNIT_ELSEWHERE", "facilities/p1", f"{two} ≠ {one}"),
        ("UNIT_NONE", "facilities", "p4"),
    }
    assert found["community_declared"].isna().tolist() == [False, False, True, True, True]


def test_a_site_in_no_community_stands_beside_facilities_that_are_in_one() -> None:
    communities = complete(units({"410611001001": {"geometry": box(0, 0)}}))
    inside, outside = (locate(places(at), communities, name="p")[0] for at in ((10, 10), (900, 900)))
    assert inside.dtypes["urban"] == outside.dtypes["urban"]
    assert said(outside.astype({"urban": inside.dtypes["urban"]}), "p0", "urban", "community_id") == [None, None]
