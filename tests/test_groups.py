"""Groups of older people: shares to the person within the elders of each home, unknown kept, summed over the walk."""

from collections.abc import Callable
from random import Random

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.coverage import coverage_by_unit
from gis.groups import GROUP_COLUMNS
from gis.homes import Homes, homes_from_buildings, homes_from_table
from gis.sharing import apportion
from gis.streets import network_of_lines
from gis.towns import TOWN_CRS
from gis.units import complete, unstated
from tests.test_coverage import covered, doors_at
from tests.test_homes import STREETS, TOWN, table, two
from tests.test_units import box, units


def group_sums(homes: Homes, name: str) -> dict[str, object]:
    """Return the sum of a group in each community, None where a home is unknown."""
    column = homes.frame.groupby(homes.frame["community_id"].fillna("-"))[name]
    return {unit: None if people.isna().any() else int(people.sum()) for unit, people in column}


def told(homes: Homes) -> dict[str, int]:
    assert all(finding.line(language) for finding in homes.findings for language in ("zh", "en"))
    return {f"{f.code} {f.place}": f.count for f in homes.findings}


shares = st.lists(st.tuples(st.integers(0, 30), st.floats(0, 50)), min_size=1, max_size=25)


@settings(max_examples=300)
@given(shares, st.data())
def test_shares_within_limits_add_up(holds: list[tuple[int, float]], data: st.DataObject) -> None:
    limits, weights = np.array([limit for limit, _ in holds]), [weight for _, weight in holds]
    total = data.draw(st.integers(0, int(limits.sum())))
    found = apportion(total, weights, at_most=limits)
    assert found.sum() == total
    assert (found <= limits).all()
    assert (found >= 0).all()
    if (apportion(total, weights) <= limits).all():
        assert (found == apportion(total, weights)).all()
    too_many = int(limits.sum()) + 1
    assert (apportion(too_many, weights, at_most=limits) == apportion(too_many, weights)).all()


def from_table(communities: gpd.GeoDataFrame) -> Homes:
    rows = table(at=[(10, 50), (20, 50), (30, 50), (110, 50), (120, 50)], residents=[70, 20, 11, 40, 1])
    return homes_from_table(rows, communities)


def from_buildings(communities: gpd.GeoDataFrame) -> Homes:
    return homes_from_buildings(TOWN, communities, STREETS)


def from_streets(communities: gpd.GeoDataFrame) -> Homes:
    streets = network_of_lines([[(0, 50), (200, 50)], [(100, 0), (100, 100)]], crs=TOWN_CRS)
    return homes_from_buildings(TOWN.iloc[:0], communities, streets)


@settings(max_examples=25, deadline=None)
@given(st.data())
@pytest.mark.parametrize("source", [from_table, from_buildings, from_streets])
def test_every_group_of_every_community_is_kept_and_fits_its_elders(
    source: Callable[[gpd.GeoDataFrame], Homes], data: st.DataObject
) -> None:
    """Four groups, each at most the elders; two communities, the second without a home in the list of buildings."""
    elders = [data.draw(st.integers(0, 300), label="elders") for _ in range(2)]
    people = {"residents": [3 * n for n in elders], "elders": elders}
    for name in GROUP_COLUMNS[:4]:
        people[name] = [data.draw(st.none() | st.integers(0, n), label=name) for n in elders]
    communities = two(**people)
    homes = source(communities)
    for name in (name for name in GROUP_COLUMNS[:4] if any(value is not None for value in people[name])):
        assert group_sums(homes, name) == dict(zip("AB", people[name], strict=True))
        within = homes.frame[name].isna() | (homes.frame[name] <= homes.frame["elders"])
        assert within.all()
        assert str(homes.frame[name].dtype) == "Int64"
    assert homes.frame["elders"].sum() == sum(elders)
    assert homes.frame["residents"].sum() == (142 if source is from_table else 3 * sum(elders))  # 142: the table's own
    again = source(communities.iloc[::-1])
    pd.testing.assert_frame_equal(pd.DataFrame(homes.frame), pd.DataFrame(again.frame))
    assert homes.findings == again.findings
    assert GROUP_COLUMNS[4] not in homes.frame  # nobody counts it: it is no column of zeros


cells = st.lists(
    st.tuples(st.sampled_from([50, 150, 900]), st.floats(0, 90), st.none() | st.floats(0, 1)), min_size=1, max_size=30
)


@settings(max_examples=50, deadline=None)
@given(cells, st.randoms(use_true_random=False))
def test_parts_of_a_group_keep_each_units_total_within_its_elders(
    rows: list[tuple[int, float, float | None]],
    random: Random,
) -> None:
    x, elders, share = (list(values) for values in zip(*rows, strict=True))
    old = [None if part is None else part * n for n, part in zip(elders, share, strict=True)]
    frame = table(at=[(a, 50) for a in x], residents=elders, elders=elders, elders_80=old)
    homes = homes_from_table(frame, two())
    if all(value is None for value in old):
        assert "elders_80" not in homes.frame
        return
    out = homes.frame["elders_80"]
    assert (out.isna().to_numpy() == pd.isna(pd.Series(old, dtype=float)).to_numpy()).all()
    assert told(homes).get("GROUP_UNKNOWN residents/elders_80", 0) == out.isna().sum()
    unit = homes.frame["community_id"].fillna("-")
    exact = pd.Series(old, index=homes.frame.index, dtype=float)
    for each, members in unit.groupby(unit).groups.items():
        assert abs(out[members].sum() - exact[members].sum()) <= 0.5 + 1e-6, each
        if out[members].sum() <= homes.frame["elders"][members][out[members].notna()].sum():
            assert (out[members].dropna() <= homes.frame["elders"][members][out[members].notna()]).all()
    shuffled = homes_from_table(frame.loc[random.sample(list(frame.index), len(frame))], two())
    pd.testing.assert_frame_equal(pd.DataFrame(homes.frame), pd.DataFrame(shuffled.frame))


def test_what_the_table_says_of_a_home_goes_before_its_community() -> None:
    """Community A is counted home by home (one blank), B is shared; nobody counts those outside."""
    rows = table(at=[(10, 50), (20, 50), (110, 50), (120, 50), (900, 900)], residents=[40, 40, 40, 40, 40],
                 elders=[10, 10, 10, 30, 5], disabled=[3, None, None, None, None])  # fmt: skip
    homes = homes_from_table(rows, two(disabled=[9, 8]))
    assert [None if pd.isna(n) else n for n in homes.frame["disabled"]] == [3, None, 2, 6, None]
    assert told(homes) == {"HOME_OUTSIDE residents": 1, "GROUP_UNKNOWN residents/disabled": 2}


def test_groups_larger_than_the_elders_are_kept_and_said() -> None:
    rows = table(at=[(10, 50), (20, 50), (110, 50)], residents=[40, 40, 40], elders=[3, 7, 4], disabled=[5, 0, 6])
    homes = homes_from_table(rows, two())
    assert homes.frame["disabled"].tolist() == [3, 2, 6]  # A: the surplus of one home lives next door; B: all of it
    assert told(homes) == {"PEOPLE_EXCEED residents/disabled": 2}
    shared = homes_from_table(rows.drop(columns="disabled").assign(elders=[0, 0, 4]), two(disabled=[4, 4]))
    assert shared.frame["disabled"].tolist() == [2, 2, 4]  # without elders by residents
    assert told(shared) == {"PEOPLE_EXCEED residents/disabled": 2}


def test_a_group_of_a_community_without_homes_is_kept() -> None:
    rows = table(at=[(10, 50)], residents=[40], elders=[3])
    homes = homes_from_table(rows, two(elders=[3, 50], disabled=[2, 6]))
    assert group_sums(homes, "disabled") == {"A": 2, "B": 6}
    assert homes.frame.loc["uB", ["residents", "elders"]].tolist() == [0, 0]  # of these the table has the last word
    assert "UNIT_EMPTY communities/B" in told(homes)
    assert "uB" not in homes_from_table(rows, two(elders=[3, 50], disabled=[2, None])).frame.index


def test_tables_that_count_a_group_differently_are_said() -> None:
    rows = table(at=[(10, 50), (110, 50)], residents=[40, 40], elders=[9, 9], disabled=[5, 4])
    homes = homes_from_table(rows, two(disabled=[5, 6]))
    assert homes.frame["disabled"].tolist() == [5, 4]
    assert [(f.code, f.place, f.found) for f in homes.findings] == [
        ("PEOPLE_DIFFER", "residents/disabled", "9 ≠ 11 (1)")
    ]


def test_households_times_their_size_where_nobody_counts_residents() -> None:
    rows = table(at=[(10, 50), (20, 50), (110, 50)], households=[3, 2, 5])
    homes = homes_from_table(rows, two(residents=[None, 20]), household_size=2.62, elder_share=0.2)
    assert homes.frame["residents"].tolist() == [8, 5, 20]  # 7.86 + 5.24 = 13.1
    assert homes.frame["elders"].tolist() == [2, 1, 4]
    unsized = homes_from_table(rows, two(residents=[None, 20]), elder_share=0.2)
    assert unsized.frame["residents"].tolist() == [0, 0, 20]
    assert told(unsized) == {"PEOPLE_BLANK residents/residents": 2}


STREET = network_of_lines([[(0, 0), (3000, 0)]], crs=TOWN_CRS)
AT = [(x, 0.0) for x in (0, 599, 600.5, 601, 1499.9, 1500, 2400, 2400.01, 2999)]


def nine(groups: dict[str, list[int | None]]) -> gpd.GeoDataFrame:
    """Return nine communities along the street, one home in each, with those people."""
    codes = [f"41061100100{i + 1}" for i in range(6)] + [f"41061110020{i}" for i in range(3)]
    frame = units({code: {"geometry": box(x - 0.05, -0.05, 0.055)} for code, (x, _) in zip(codes, AT, strict=True)})
    return complete(frame.assign(**{name: pd.array(values, dtype="Int64") for name, values in groups.items()}))


def test_powers_of_two_decode_who_is_covered_in_each_group() -> None:
    elders = [2**i for i in range(9)]
    communities = nine({"residents": elders, "elders": elders, "disabled": elders[::-1], "elders_80": elders})
    rows = table(at=AT, residents=elders)
    homes = homes_from_table(rows, communities)
    found = coverage_by_unit(covered(STREET, homes.frame, doors_at([(1500, 0)])), communities, minutes=(5, 15))
    city = found.iloc[0]

    def bits(total: int) -> list[int]:
        return [i for i in range(9) if int(total) >> i & 1]

    assert bits(city["elders_80_covered_15"]) == bits(city["elders_covered_15"]) == [2, 3, 4, 5, 6]
    assert bits(city["elders_80_covered_5"]) == [4, 5]
    assert bits(city["disabled_covered_15"]) == sorted(8 - i for i in [2, 3, 4, 5, 6])
    assert city["disabled"] == city["elders_80"] == 2**9 - 1
    assert city["disabled_unknown"] == 0
    parts = found.groupby("level")[["disabled", "disabled_covered_15", "disabled_covered_5", "disabled_unknown"]].sum()
    for levels in (["county"], ["street"], ["community"], ["urban", "rural"]):
        assert (parts.loc[levels].sum() == parts.loc["city"]).all()


def test_a_group_is_summed_only_where_it_is_known_of_every_home() -> None:
    elders = [8] * 9
    communities = nine({"residents": elders, "elders": elders, "disabled": [1, 2, 3, None, 4, 5, 6, 0, 2]})
    rows = table(at=[*AT[:-1], (2999, -9000)], residents=elders, community_id=[*[None] * 8, communities.index[-1]])
    homes = homes_from_table(rows, communities)
    found = coverage_by_unit(covered(STREET, homes.frame, doors_at([(1500, 0)])), communities, minutes=(15,))
    by_unit = found.set_index(["level", "unit_id"])
    columns = ["disabled", "disabled_covered_15", "disabled_unknown"]
    for unit in (("city", "city"), ("urban", "urban"), ("street", "410611001"), ("community", communities.index[3])):
        assert by_unit.loc[unit, columns].isna().all()
        assert by_unit.loc[unit, "elders"] > 0
    assert by_unit.loc[("rural", "rural"), columns].tolist() == [8, 6, 2]
    assert by_unit.loc[("community", communities.index[2]), columns].tolist() == [3, 3, 0]


def test_units_of_no_stated_level_are_said() -> None:
    communities = complete(units({"410611001001": {}, "410611100200": {}, "X": {"name": "无码"}}))
    assert [(f.code, f.found, f.count) for f in unstated(communities)] == [("LEVEL_UNKNOWN", "无码", 1)]
    assert unstated(communities.iloc[:2]) == ()
