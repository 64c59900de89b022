"""The key figures: what of an atlas is said in numbers, counted once so that page, annex and sheets say the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf

import geopandas as gpd
import pandas as pd

from gis.disclosure import FEWEST
from gis.tables import COMMUNITIES
from gis.words import say
from maps.atlas import Atlas
from maps.shown_units import AFTER, MISSED, unknown_at
from maps.withheld import BESIDE, FEW, MARKS, group_sums, masked, unit_sums
from policy import table
from policy.verdict import Status

MILLIONTHS = 6
SMALL_COUNT = FEWEST


def exact(number: object) -> Fraction | None:
    """Return a number as a fraction, or None where it is missing; float noise below a millionth is not a person.

    >>> exact(0.1 + 0.2), exact(float("nan"))
    (Fraction(3, 10), None)
    """
    if number is None or number in MARKS or pd.isna(number) or number in (inf, -inf):  # type: ignore[call-overload]
        return None
    if isinstance(number, int | float) and number == int(number):
        return Fraction(int(number))
    return round(Fraction(str(number)), MILLIONTHS)


def percent_down(part: object, whole: object) -> str:
    """Return a share as a percentage with one decimal, rounded *down*: 89.96 % never shows as 90.0 %.

    A target of 90 % is met by 90 %, not by what rounds to it; so the tenth shown is always reached.

    >>> percent_down(8996, 10000), percent_down(1, 1), percent_down(0, 0)
    ('89.9%', '100.0%', '—')
    """
    over, under = exact(part), exact(whole)
    if over is None or not under:
        return say("page.nothing")
    tenths = 1000 * over // under
    return f"{tenths // 10}.{tenths % 10}%"


def whole(number: object) -> str:
    """Return a count with thousands parted, `—` where it is missing.

    >>> whole(25745.0), whole(float("nan"))
    ('25,745', '—')
    """
    value = exact(number)
    return say("page.nothing") if value is None else f"{round(value):,}"


def people(number: object) -> str:
    """Return a count of people for a page or table that is handed on: one to four are not told apart.

    >>> people(3), people(0), people(5)
    ('<5', '0', '5')
    """
    if isinstance(number, str) and number in MARKS:
        return number
    value = exact(number)
    return FEW if value is not None and 0 < value < SMALL_COUNT else whole(number)


def people_share(part: object, of: object) -> str:
    """Return the share of people as `percent_down`, `—` where one of the two counts is hidden: it would tell it.

    >>> people_share(45, 90), people_share(3, 90), people_share("*", 90)
    ('50.0%', '—', '—')
    """
    return say("page.nothing") if {people(part), people(of)} & MARKS else percent_down(part, of)


def wan(cost_yuan: object) -> str:
    """Return an amount of yuan in 10,000 yuan, to the yuan where it does not come out even.

    >>> wan(32_000_000), wan(12_345)
    ('3,200', '1.2345')
    """
    value = exact(cost_yuan)
    if value is None:
        return say("page.nothing")
    units, rest = divmod(round(value), 10_000)
    return f"{units:,}" + (f".{rest:04d}".rstrip("0") if rest else "")


@dataclass(frozen=True)
class Reached:
    """Older people covered within some minutes, today and (where there is a plan) after it."""

    minutes: int
    today: object
    after: object | None


@dataclass(frozen=True)
class KeyFigures:
    """The whole study area in one record: older people, those whose cover is not known, and those reached."""

    elders: object
    elders_unknown: object
    reached: tuple[Reached, ...]


def key_figures(atlas: Atlas) -> KeyFigures | None:
    """Return the figures of the whole study area (the unit of level `city`) as they may be handed on, None without."""
    city = units_of(atlas, "city")
    if city.empty:
        return None
    row = city.iloc[0]
    reached = tuple(
        Reached(m, row.get(f"elders_covered_{m}"), row.get(f"elders_covered_{m}_after")) for m in sorted(atlas.minutes)
    )
    return KeyFigures(row["elders"], row.get("elders_unknown"), reached)


def verdict_counts(atlas: Atlas) -> dict[Status, int]:
    """Return how many verdicts that decide there are of each answer, in the order of the answers, those that occur."""
    return {status: number for status, number in table.verdict_counts(atlas.verdicts).items() if number}


def units_of(atlas: Atlas, level: str, *, exact: bool = False) -> pd.DataFrame:
    """Return the units of one level, indexed by their code, in the order of the code, as they may be handed on.

    One to four people are `<5`, what would give them away is `*` (`maps.shown_units`); `exact` is for colours, never
    for words.
    """
    units = atlas.units if exact else atlas.shown_units[0]
    if "level" not in units:
        return pd.DataFrame()
    drop = [] if exact else [name for name in (MISSED, f"{MISSED}{AFTER}") if name in units]
    return units[units["level"] == level].drop(columns=drop).set_index("unit_id").sort_index()


def units_in(atlas: Atlas, year: int, level: str) -> pd.DataFrame:
    """Return the units of one level at the end of a year of the plan, as `units_of`."""
    units = atlas.shown_units[year]
    return units[units["level"] == level].set_index("unit_id").sort_index()


def not_reached(atlas: Atlas, level: str, *, when: str = "", exact: bool = False) -> pd.Series:
    """Return the older people of each unit whom the longest walk does not reach, by the unit's code, as `units_of`.

    `when` is `_after` for the plan in use. Those not known are not among them.
    Where a count they are told by is hidden, they are hidden beside it.
    """
    parts = ["elders", f"elders_covered_{max(atlas.minutes)}{when}", unknown_at(atlas.units, when)]
    if not {"level", *parts} <= set(atlas.units):
        return pd.Series(dtype=object)
    if exact:
        elders, covered, unknown = (pd.to_numeric(atlas.units[name], errors="coerce") for name in parts)
        true = atlas.units.assign(missed=elders - covered - unknown)
        return true[true["level"] == level].set_index("unit_id").sort_index()["missed"]
    units = atlas.shown_units[0]
    units = units[units["level"] == level].set_index("unit_id").sort_index()
    missed, beside = units[f"{MISSED}{when}"], units[parts].isin(MARKS).any(axis=1)
    return missed.astype(object).mask(beside & ~missed.isin(MARKS), BESIDE) if beside.any() else missed


def shown_gains(sites: pd.DataFrame) -> pd.Series:
    """Return the elders each site of a plan newly covers as they may be handed on: they add up by year and in all."""
    if "elders_gained" not in sites:
        return pd.Series(dtype=object)
    years = sites["year"] if "year" in sites else pd.Series("", index=sites.index)
    sums = [[*range(len(sites)), -1], *group_sums(years)]
    return masked(sites[["elders_gained"]], ["elders_gained"], sums)["elders_gained"]


def shown_sums(counts: Sequence[object]) -> list[object]:
    """Return the parts of a total that is told elsewhere as they may be handed on."""
    frame = pd.DataFrame({"people": counts}, dtype=object)
    return masked(frame, ["people"], [[*range(len(frame)), -1]])["people"].tolist()


def shown_communities(atlas: Atlas) -> gpd.GeoDataFrame:
    """Return the communities with their own columns of people as they may be handed on."""
    frame, units = atlas.communities, units_of(atlas, "community")
    names = [column.name for column in COMMUNITIES.columns if column.people and column.name in frame]
    sums = unit_sums(["community"] * len(frame), frame.index.tolist(), frame)
    shown = masked(frame, names, sums)
    for name in names:  # what the table of units hides of the same people is hidden here
        if name in units and units[name].dtype == object:
            marks = units[name].where(units[name].isin(MARKS)).reindex(frame.index)
            shown[name] = shown[name].astype(object).mask(marks.notna() & ~shown[name].isin(MARKS), marks)
    return gpd.GeoDataFrame(shown, geometry=frame.geometry.name, crs=frame.crs)


def credit(atlas: Atlas) -> str:
    """Return the line that must stand on every drawing: whose streets these are, of what day, and the review number.

    Read from the notes: `note.streets` begins with the day; `page.streets_source` names another source than
    OpenStreetMap, `page.review_number` the number under which the map was approved.
    """

    def noted(key: str) -> str:
        return atlas.notes.get(say(key, atlas.language), "")

    source = noted("page.streets_source") or say("page.osm", atlas.language)
    day = noted("note.streets").partition(";")[0]
    number = noted("page.review_number")
    parts = [f"{source} {day}".strip(), f"{say('page.review_number', atlas.language)} {number}" if number else ""]
    return "  ".join(part for part in parts if part)
