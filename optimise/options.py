"""What can be decided about each site: as what kind, how large, in which way and when; one row a decision."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

MODULES_M2 = (350.0, 500.0, 750.0, 1000.0, 2000.0)
CENTIARE = 100

COLUMNS: Mapping[str, object] = {
    "site_id": "",
    "name": "",
    "kind": "",
    "mode": "new",
    "year": 0,
    "floor_area_m2": 0.0,
    "added_m2": 0.0,
    "land_m2": 0.0,
    "cost_yuan": 0,
    "cost_basis": "stated",
    "running_yuan": 0,
    "subsidy_yuan": 0,
    "subsidy_yuan_year": 0,
    "capacity": 0,
    "community_id": "",
    "street_id": "",
    "county_id": "",
    "vacated": False,
    "existing": False,
    "serves": True,
    "x_m": np.nan,
    "y_m": np.nan,
}
"""Every column of a table of options, and what it holds where nothing is said."""
WHOLE = ("year", "cost_yuan", "running_yuan", "subsidy_yuan", "subsidy_yuan_year", "capacity")
AREAS = ("floor_area_m2", "added_m2", "land_m2")
_PLACE = ("community_id", "street_id", "county_id", "x_m", "y_m")


@dataclass(frozen=True)
class Subsidy:
    """What the public purse adds for a site of a kind, once and every year; `urban` None: in town and country alike."""

    kind: str
    urban: bool | None = None
    once_yuan: int = 0
    yearly_yuan: int = 0


def options(
    candidates: pd.DataFrame,
    *,
    kinds: Sequence[str] = (),
    modules_m2: Sequence[float] = MODULES_M2,
    modes: Sequence[str] = (),
    years: Sequence[int] = (),
    serving: Iterable[str] | None = None,
    subsidies: Sequence[Subsidy] = (),
    m2_per_place: Mapping[str, float] | None = None,
    existing: pd.DataFrame | None = None,
    upgrade_yuan_m2: float | None = None,
) -> pd.DataFrame:
    """Return every decision that the candidates and the existing facilities leave open, in the order of `option_id`.

    - `candidates`, indexed by `site_id`: `name`, `max_floor_area_m2`, and `cost_yuan` or `unit_cost_yuan_m2`; where
      they are there also `kinds` (allowed; empty: all of `kinds`), `mode`, `annual_rent_yuan`, `year_from`, `vacated`,
      `land_m2`, `urban`, `community_id`, `street_id`, `county_id`, `x_m`, `y_m` (metres).
    - a site is offered at each of `modules_m2` that it can hold and at the largest floor area that it allows.
    - `existing`, indexed by `site_id`: `name`, `kind`, `floor_area_m2`, and places as above; `running_yuan`,
      `capacity`, `land_m2` where known. Each is kept, or upgraded to a larger module at `upgrade_yuan_m2`.
    - `serving`: the kinds that people walk to (None: all); the others cover nobody.

    The largest size costs what is stated, else unit cost times floor area; a smaller one unit cost times floor area
    where that is given, else its part of the stated cost, by floor area. `cost_basis` says which: `stated`,
    `unit_cost` or `scaled`. Rent is a running cost and scales with the floor area. Yuan are whole, halves rounded up.
    Capacity is floor area over `m2_per_place`, cut. Raises ValueError where an identifier stands twice, or a cost or
    a floor area is missing.

    >>> sites = pd.DataFrame(
    ...     {"name": ["旧厂房"], "max_floor_area_m2": [600.0], "cost_yuan": [900_000]}, index=["A"]
    ... )
    >>> options(sites, kinds=["day_care"])[["floor_area_m2", "cost_yuan", "cost_basis"]].values.tolist()
    [[350.0, 525000, 'scaled'], [500.0, 750000, 'scaled'], [600.0, 900000, 'stated']]
    """
    rows: list[dict[str, object]] = []
    there = () if existing is None else tuple(existing.index)
    ids = [*candidates.index, *there]
    if len(set(ids)) < len(ids):
        raise ValueError(f"sites: {next(i for i in ids if ids.count(i) > 1)} stands twice")
    for site in _records(candidates):
        rows += _of_candidate(site, kinds, modules_m2, modes, years)
    for site in _records(existing) if existing is not None else ():
        rows += _of_existing(site, modules_m2, years, upgrade_yuan_m2)
    serves = None if serving is None else set(serving)
    for row in rows:
        urban = row.pop("urban", None)
        paid = [s for s in subsidies if s.kind == row["kind"] and s.urban in (None, urban)]
        if not row.get("existing"):
            row["subsidy_yuan"] = sum(s.once_yuan for s in paid)
        row["subsidy_yuan_year"] = sum(s.yearly_yuan for s in paid)
        if m2_per_place and row["kind"] in m2_per_place and "capacity" not in row:
            row["capacity"] = int(_exact(row["floor_area_m2"]) / _exact(m2_per_place[str(row["kind"])]))
        row["serves"] = serves is None or row["kind"] in serves
    index = [_option_id(row) for row in rows]
    full = [{**COLUMNS, **row} for row in rows]
    return canonical(pd.DataFrame(full, columns=list(COLUMNS), index=pd.Index(index, name="option_id", dtype=object)))


def called(sites: Iterable[tuple[str, object]]) -> dict[str, str]:
    """Return what each site is called, by identifier: its name, and its identifier too where others bear that name.

    >>> called([("A", "旧厂房"), ("B", "旧厂房"), ("C", "会所"), ("C", "会所")])
    {'A': '旧厂房（A）', 'B': '旧厂房（B）', 'C': '会所'}
    """
    names = {str(site): str(name) for site, name in sites}
    many = Counter(names.values())
    return {site: f"{name}（{site}）" if many[name] > 1 else name for site, name in names.items()}


def one_each(candidates: pd.DataFrame) -> pd.DataFrame:
    """Return candidates as options: one a candidate, as it stands, under its own identifier; no rule asks for land."""
    every = candidates.assign(site_id=candidates.index, added_m2=candidates["floor_area_m2"])
    return canonical(every.drop(columns="land_m2", errors="ignore"))


def canonical(options: pd.DataFrame) -> pd.DataFrame:
    """Return a table of options with every column, typed, in the order of identifiers.

    Raises ValueError where an identifier stands twice or a figure is missing, negative or, where it counts, not whole.
    """
    if not options.index.is_unique:
        raise ValueError(f"options: {options.index[options.index.duplicated()][0]} stands twice")
    table = pd.DataFrame(index=options.index)
    for column, otherwise in COLUMNS.items():
        given = options[column] if column in options else pd.Series(otherwise, index=options.index, dtype=object)
        if isinstance(otherwise, float):
            table[column] = given.astype(float)
        elif isinstance(otherwise, bool):
            table[column] = given.where(given.notna(), otherwise).astype(bool)
        elif isinstance(otherwise, str):
            table[column] = given.where(given.notna(), otherwise).astype(object)
        else:
            table[column] = _whole(given, column)
    for column in AREAS:
        if not table[column].between(0, 2.0**40).all():
            raise ValueError(f"options: {column} must be zero or more")
    table.index.name = "option_id"
    return table.sort_index()


def _whole(given: pd.Series, column: str) -> pd.Series:
    values = given.astype(float)
    if not values.between(0, 2.0**53).all() or (values % 1 != 0).any():
        raise ValueError(f"options: {column} must be whole and zero or more")
    return given.astype("int64")


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    """Return the rows of a table without what is missing in them."""
    columns = [(str(name), table[name].tolist()) for name in table]
    rows: list[dict[str, object]] = [{"site_id": i} for i in table.index]
    for name, values in columns:
        for row, value in zip(rows, values, strict=True):
            if isinstance(value, (tuple, list)) or not pd.isna(value):
                row[name] = value
    return rows


def _of_candidate(
    site: dict[str, object],
    kinds: Sequence[str],
    modules_m2: Sequence[float],
    modes: Sequence[str],
    years: Sequence[int],
) -> list[dict[str, object]]:
    if "max_floor_area_m2" not in site:
        raise ValueError(f"sites: {site['site_id']} has no max_floor_area_m2")
    most = _exact(site["max_floor_area_m2"])
    said = site.get("kinds") or ()
    allowed = [kind for kind in kinds if kind in said] if said and kinds else list(said or kinds)  # type: ignore[operator, call-overload]
    mode = str(site.get("mode") or "new")
    if modes and mode not in modes:
        return []
    sizes = sorted({*(_exact(m) for m in modules_m2 if _exact(m) < most), most})
    first = int(str(site.get("year_from", 0) or 0).split(".")[0])
    when = [year for year in years if year >= first] if years else [0]
    place = {key: site[key] for key in (*_PLACE, "land_m2", "vacated", "urban", "capacity") if key in site}
    rows: list[dict[str, object]] = []
    for area in sizes:
        cost, basis = _cost(site, area, most)
        rent = _yuan(_exact(site.get("annual_rent_yuan", 0)) * area / most) if most else 0
        sized = {
            "site_id": site["site_id"],
            "name": site.get("name", site["site_id"]),
            "mode": mode,
            "floor_area_m2": float(area),
            "added_m2": float(area),
            "cost_yuan": cost,
            "cost_basis": basis,
            "running_yuan": rent,
            **place,
        }
        rows += [{**sized, "kind": kind, "year": year} for kind in allowed for year in when]
    return rows


def _of_existing(
    site: dict[str, object], modules_m2: Sequence[float], years: Sequence[int], upgrade_yuan_m2: float | None
) -> list[dict[str, object]]:
    area = _exact(site.get("floor_area_m2", 0))
    place = {key: site[key] for key in (*_PLACE, "land_m2", "urban", "running_yuan", "capacity") if key in site}
    kept = {
        "site_id": site["site_id"],
        "name": site.get("name", site["site_id"]),
        "kind": site["kind"],
        "mode": "keep",
        "floor_area_m2": float(area),
        "existing": True,
        **place,
    }
    rows: list[dict[str, object]] = [kept]
    place.pop("capacity", None)
    for module in sorted(_exact(m) for m in modules_m2 if _exact(m) > area) if upgrade_yuan_m2 is not None else ():
        cost = _yuan(_exact(upgrade_yuan_m2) * (module - area))
        more = {"mode": "upgrade", "floor_area_m2": float(module), "added_m2": float(module - area)}
        larger = {key: value for key, value in kept.items() if key != "capacity"}
        rows += [{**larger, **more, "cost_yuan": cost, "cost_basis": "unit_cost", "year": y} for y in (years or [0])]
    return rows


def _cost(site: dict[str, object], area: Fraction, most: Fraction) -> tuple[int, str]:
    stated, unit = site.get("cost_yuan"), site.get("unit_cost_yuan_m2")
    if stated is not None and area == most:
        return _yuan(_exact(stated)), "stated"
    if unit is not None:
        return _yuan(_exact(unit) * area), "unit_cost"
    if stated is None:
        raise ValueError(f"sites: {site['site_id']} has neither cost_yuan nor unit_cost_yuan_m2")
    return _yuan(_exact(stated) * area / most), "scaled"


def _yuan(exact: Fraction) -> int:
    return int((exact + Fraction(1, 2)) // 1)


def _exact(value: object) -> Fraction:
    """Return a figure of a table exactly, to the hundredth."""
    return Fraction(str(round(float(value), 2)))  # type: ignore[arg-type]


def _option_id(row: Mapping[str, object]) -> str:
    """Name a decision; read from its end it has one meaning, whatever the site is called."""
    area = f"{float(row['floor_area_m2']):010.2f}"  # type: ignore[arg-type]
    return f"{row['site_id']}/{row['kind']}/{row['mode']}/{area}/{row.get('year', 0)}"
