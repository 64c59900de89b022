"""Where people live: shares to the person, blanks and empty units said and kept, the same in any row order."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError
from gis.homes import Homes, apportion, homes_from_buildings, homes_from_table
from gis.streets import network_of_lines
from gis.tables import RESIDENTS
from gis.towns import TOWN_CRS
from tests.test_units import box, units

STREETS = network_of_lines([[(400, 50), (600, 50)]], crs=TOWN_CRS)  # within the last two of five units, see `five`
weights = st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=40)


def table(**columns: list[object]) -> gpd.GeoDataFrame:
    """Return a residents table with only what is said in it; `at` holds the positions."""
    at = columns.pop("at")
    names = [column.name for column in RESIDENTS.columns if column.name not in ("demand_id", "lon", "lat", "x", "y")]
    frame = pd.DataFrame(
        columns, columns=names, index=pd.Index([f"r{i:02d}" for i in range(len(at))], name="demand_id")
    )
    shapes = [None if xy is None else shapely.Point(xy) for xy in at]
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=TOWN_CRS)


def two(**people: list[object]) -> gpd.GeoDataFrame:
    """Return two communities side by side, each 100 m wide."""
    frame = units({"A": {"geometry": box(0, 0)}, "B": {"geometry": box(100, 0)}})
    return frame.assign(**{name: pd.array(values, dtype="Int64") for name, values in people.items()})


def by_unit(homes: Homes, column: str) -> dict[str, int]:
    return homes.frame.groupby(homes.frame["community_id"].fillna("-"))[column].sum().to_dict()


def told(homes: Homes) -> dict[str, int]:
    return {f"{f.code} {f.place}": f.count for f in homes.findings}


def codes(homes: Homes) -> set[str]:
    return {f.code for f in homes.findings}


@settings(max_examples=300)
@given(st.integers(0, 10**7), weights)
def test_shares_add_up_and_each_is_its_quota_rounded(total: int, weight: list[float]) -> None:
    shares = apportion(total, weight)
    assert shares.sum() == total
    quota = total * (np.array(weight) / sum(weight) if sum(weight) > 0 else np.full(len(weight), 1 / len(weight)))
    assert (np.abs(shares - quota) < 1 + 1e-6).all()
    order = np.argsort(weight, kind="stable")
    assert (np.diff(shares[order]) >= -1).all()  # only a tie gives the lighter one more


def test_shares_of_whole_people_are_themselves() -> None:
    assert apportion(49, [1] * 49).tolist() == [1] * 49
    assert apportion(6, [1, 2, 3]).tolist() == [1, 2, 3]
    assert apportion(1, [0, 0, 0]).tolist() == [1, 0, 0]
    assert apportion(0, []).tolist() == []


@pytest.mark.parametrize("weight", [[], [1, -1], [1, np.nan], [1, np.inf]])
def test_nobody_to_share_among_is_refused(weight: list[float]) -> None:
    with pytest.raises(ValueError, match=r"share|weights"):
        apportion(3, weight)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([50, 150]), st.floats(0, 400), st.floats(0, 90)), min_size=1, max_size=30))
def test_parts_of_people_keep_each_units_total(cells: list[tuple[int, float, float]]) -> None:
    x, people, elders = (list(values) for values in zip(*cells, strict=True))
    homes = homes_from_table(table(at=[(a, 50) for a in x], residents=people, elders=elders), two())
    for column, values in (("residents", people), ("elders", elders)):
        exact = pd.Series(values).groupby(["A" if a == 50 else "B" for a in x]).sum()
        for unit, total in by_unit(homes, column).items():
            assert abs(total - exact[unit]) <= 0.5 + 1e-6
        assert (np.abs(homes.frame[column].to_numpy() - np.array(values)) < 1).all()


def test_elders_of_the_communities_are_shared_by_residents() -> None:
    homes = homes_from_table(
        table(at=[(50, 50), (50, 60), (150, 50)], residents=[300, 100, 7]), two(residents=[400, 7], elders=[41, 3])
    )
    assert homes.frame["elders"].tolist() == [31, 10, 3]
    assert homes.source == "homes.table"
    assert homes.findings == ()


def test_residents_are_shared_by_households_where_the_table_has_none() -> None:
    homes = homes_from_table(
        table(at=[(50, 50), (50, 60), (150, 50)], households=[30, 10, None]), two(residents=[402, 7], elders=[40, 3])
    )
    assert homes.frame["residents"].tolist() == [302, 100, 7]
    assert homes.frame["elders"].tolist() == [30, 10, 3]


def test_a_share_of_elders_is_taken_only_where_nobody_counts_them() -> None:
    rows = table(at=[(50, 50), (50, 60), (150, 50), (900, 900)], residents=[300, 101, 200, 10])
    alone = homes_from_table(rows, two(residents=[401, 200]), elder_share=0.2)
    assert by_unit(alone, "elders") == {"A": 80, "B": 40, "-": 2}
    mixed = homes_from_table(rows, two(residents=[401, 200], elders=[7, None]), elder_share=0.2)
    assert by_unit(mixed, "elders") == {"A": 7, "B": 40, "-": 2}
    counted = homes_from_table(rows.assign(elders=[1, 2, 3, 4]), two(elders=[5, 5]), elder_share=0.2)
    assert counted.frame["elders"].tolist() == [1, 2, 3, 4]
    with pytest.raises(InputError, match="ELDERS_MISSING"):
        homes_from_table(rows, two(residents=[401, 200]))
    with pytest.raises(InputError, match="RESIDENTS_MISSING"):
        homes_from_table(rows.assign(residents=None), two(elders=[1, 2]))


def test_blank_cells_count_as_nobody_and_are_said() -> None:
    """Households never stand in for missing people where other rows have people."""
    rows = table(
        at=[(50, 50), (50, 60), (150, 50)], residents=[10, None, 5], elders=[2, 1, None], households=[3, 99, 2]
    )
    homes = homes_from_table(rows, two())
    assert homes.frame[["residents", "elders"]].to_numpy().tolist() == [[10, 2], [0, 1], [5, 0]]
    assert told(homes) == {"PEOPLE_BLANK residents/residents": 1, "PEOPLE_BLANK residents/elders": 1}
    no_elders = homes_from_table(table(at=[(50, 50), (150, 50)], residents=[10, 5]), two(elders=[2, None]))
    assert told(no_elders) == {"PEOPLE_BLANK residents/elders": 1}


def test_elders_of_a_community_without_homes_are_kept_without_a_place() -> None:
    homes = homes_from_table(table(at=[(50, 50)], residents=[10]), two(residents=[10, 70], elders=[2, 30]))
    assert by_unit(homes, "elders") == {"A": 2, "B": 30}
    assert homes.frame.loc["uB", "geometry"] is None
    assert told(homes) == {"UNIT_EMPTY communities/B": 1}


def test_an_unknown_code_is_decided_by_position_and_said() -> None:
    rows = table(at=[(50, 50), (150, 50), (900, 900), (150, 50)], residents=[1, 2, 4, 8], elders=[1, 2, 4, 8],
                 community_id=["A", "Z", "Z", ""])  # fmt: skip
    homes = homes_from_table(rows, two())
    assert by_unit(homes, "elders") == {"A": 1, "B": 10, "-": 4}
    assert told(homes) == {"UNIT_UNKNOWN residents": 2, "HOME_OUTSIDE residents": 1}
    declared = homes_from_table(rows.assign(community_id="A"), two())
    assert by_unit(declared, "elders") == {"A": 15}  # what is declared goes before position


def test_homes_and_communities_that_count_differently_are_said() -> None:
    homes = homes_from_table(
        table(at=[(50, 50), (150, 50)], residents=[10, 5], elders=[2, 1]), two(residents=[10, 6], elders=[2, 1])
    )
    assert [(f.code, f.place, f.found) for f in homes.findings] == [
        ("PEOPLE_DIFFER", "residents/residents", "15 ≠ 16 (1)")
    ]


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(9)), st.lists(st.floats(0, 50), min_size=9, max_size=9))
def test_the_order_of_rows_is_no_matter(order: list[int], people: list[float]) -> None:
    x = [50, 150, 50, 150, 50, 150, 50, 50, 900]
    rows = table(at=[(a, 50) for a in x], residents=people)
    one = homes_from_table(rows, two(elders=[101, 57]))
    other = homes_from_table(rows.iloc[order], two(elders=[101, 57]).iloc[::-1])
    pd.testing.assert_frame_equal(pd.DataFrame(one.frame), pd.DataFrame(other.frame))
    assert one.findings == other.findings


def buildings(*rows: tuple[str, shapely.Geometry, dict[str, str]]) -> gpd.GeoDataFrame:
    frame = pd.DataFrame({
        "osm_id": [f"w{i:02d}" for i in range(len(rows))],
        "building": [kind for kind, _, _ in rows],
        "tags": [{"building": kind, **tags} for kind, _, tags in rows],
    })  # fmt: skip
    return gpd.GeoDataFrame(frame, geometry=[shape for _, shape, _ in rows], crs=TOWN_CRS)


def five() -> gpd.GeoDataFrame:
    """Return five communities: homes, buildings of unstated use, streets only, nothing, no shape."""
    shapes = [box(0, 0), box(200, 0), box(400, 0), box(600, 300), None]
    frame = units({code: {"geometry": shape} for code, shape in zip("ABCDE", shapes, strict=True)})
    people = {"residents": [300, 200, 100, 50, 40], "elders": [90, 60, 30, 15, 12]}
    return frame.assign(**{name: pd.array(values, dtype="Int64") for name, values in people.items()})


TOWN = buildings(
    ("apartments", box(10, 10, 10), {"building:levels": "6", "shop": "convenience"}),
    ("residential", box(30, 10, 10), {"building:levels": "2"}),
    ("house", box(50, 10, 10), {"building:levels": "x"}),
    ("dormitory", box(70, 10, 10), {"building:levels": "99999"}),
    ("yes", box(10, 50, 40), {}),
    ("yes", box(210, 10, 10), {}),
    ("yes", box(230, 10, 20), {"amenity": "school"}),
    ("school", box(260, 10, 20), {}),
    ("commercial", box(410, 60, 20), {}),
)


def test_people_are_shared_by_floor_area_else_by_what_there_is() -> None:
    homes = homes_from_buildings(TOWN, five(), STREETS)
    frame = homes.frame
    assert frame.loc[["w00", "w01", "w02", "w03"], "residents"].tolist() == [180, 60, 30, 30]  # 6 : 2 : 1 : 1 storeys
    assert frame.loc[["w00", "w01", "w02", "w03"], "elders"].tolist() == [54, 18, 9, 9]
    assert frame.loc[["w05"], "residents"].tolist() == [200]  # the school is no home
    along = frame[frame["community_id"] == "C"]
    assert along["elders"].tolist() == [15, 15]  # two places 50 m apart on 100 m of street
    assert shapely.distance(along.geometry.to_numpy(), shapely.LineString([(400, 50), (500, 50)])).max() < 1e-9
    assert by_unit(homes, "elders") == {"A": 90, "B": 60, "C": 30, "D": 15, "E": 12}
    assert by_unit(homes, "residents") == {"A": 300, "B": 200, "C": 100, "D": 50, "E": 40}
    assert frame.loc[["uD", "uE"]].geometry.isna().all()
    assert told(homes) == {"UNIT_EMPTY communities/D": 1, "UNIT_EMPTY communities/E": 1}
    assert homes.source == "homes.buildings"


def test_people_do_not_crowd_into_the_one_house_the_map_knows() -> None:
    street = units({"C": {"geometry": box(400, 0)}})

    def living(residents: int) -> set[str]:
        people = {name: pd.array([residents], dtype="Int64") for name in ("residents", "elders")}
        mapped = buildings(("house", box(410, 10, 10), {}), ("yes", box(410, 60, 20), {}))
        homes = homes_from_buildings(mapped, street.assign(**people), STREETS)
        assert homes.frame["residents"].sum() == residents
        return set(homes.frame.index)

    # 100 m2 of house and 400 m2 of unstated use at 3 m2 a resident
    assert living(33) == {"w00"}
    assert living(34) == living(166) == {"w00", "w01"}
    assert living(167) == {"s0_0", "s0_1"}


def test_without_any_building_people_live_along_the_streets() -> None:
    homes = homes_from_buildings(TOWN.iloc[:0], five(), STREETS)
    assert homes.source == "homes.streets"
    assert homes.frame["elders"].sum() == 207
    assert sorted(homes.frame.index) == ["s0_0", "s0_1", "uA", "uB", "uD", "uE"]


def test_where_no_community_has_a_shape_nobody_is_lost() -> None:
    homes = homes_from_buildings(
        TOWN, five().set_geometry(gpd.GeoSeries([None] * 5, index=list("ABCDE"), crs=TOWN_CRS)), STREETS
    )
    assert by_unit(homes, "elders") == {"A": 90, "B": 60, "C": 30, "D": 15, "E": 12}
    assert homes.frame.geometry.isna().all()
    assert homes.frame.crs == TOWN_CRS


def test_buildings_in_any_order_give_the_same_homes() -> None:
    one = homes_from_buildings(TOWN, five(), STREETS)
    other = homes_from_buildings(TOWN.iloc[::-1], five().iloc[::-1], STREETS)
    pd.testing.assert_frame_equal(pd.DataFrame(one.frame), pd.DataFrame(other.frame))
    assert one.findings == other.findings


def test_missing_elders_are_refused_and_blank_ones_said() -> None:
    for column in ("elders", "residents"):
        with pytest.raises(InputError, match=f"{column.upper()}_MISSING"):
            homes_from_buildings(TOWN, five().assign(**{column: pd.array([None] * 5, dtype="Int64")}), STREETS)
    some = five()
    some.loc["B", "elders"] = pd.NA
    homes = homes_from_buildings(TOWN, some, STREETS)
    assert by_unit(homes, "elders")["B"] == 0
    assert codes(homes) == {"UNIT_EMPTY", "PEOPLE_BLANK"}
