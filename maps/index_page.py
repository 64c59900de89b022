"""The index page: counties on one small map and in one table that sorts, each with a way to its own page.

One file that asks nobody for anything. The template is read with escaping on: whatever stands in a table reaches the
page as text. What sorts and switches languages is a short script; without it the page still reads and its links open.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from importlib.resources import files
from math import nan
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

import geopandas as gpd
import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from gis.words import Language
from maps.contents import pair
from maps.county_shapes import Outline, outlines
from maps.figures import exact, people, people_share, wan, whole
from maps.labels import Pair, cell
from maps.outfile import beside
from maps.page import POLICY
from maps.status_style import SIGNS, STATUS_FILLS, ink_on
from maps.style import SHARES, UNKNOWN_SHARE, share_colour
from maps.withheld import MARKS
from policy.verdict import Status

Row = Mapping[str, Any]
STATES = ("done", "failed")
_WORDS = ("subtitle", "map", "table", "county", "state", "total", "sort", "failed")
LETTER = 25.0
"""Width of one letter of a name on the map, in units of the drawing: a screen shows it at half its size."""
SHARE_WIDE, LINES_HIGH = 72.0, 60.0
"""Width of a share, and height of a name with its share below."""


def verdict_column(status: Status) -> str:
    """Return the name of the column that counts the answers of one kind.

    >>> verdict_column(Status.FAIL)
    'verdicts_FAIL'
    """
    return f"verdicts_{status.value}"


def write_index(
    counties: gpd.GeoDataFrame,
    path: Path,
    *,
    title: str,
    minutes: int,
    language: Language = "zh",
    total: Row | None = None,
    notes: Mapping[str, str] | None = None,
    credit: str = "",
) -> None:
    """Write the index of counties to `path` (.html); the arguments are those of `draw_index`.

    Raises OutputError where the file cannot be written; what was there before is then untouched.
    """
    text = draw_index(
        counties, title=title, minutes=minutes, language=language, total=total, notes=notes, credit=credit
    )
    with beside(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")


def draw_index(
    counties: gpd.GeoDataFrame,
    *,
    title: str,
    minutes: int,
    language: Language = "zh",
    total: Row | None = None,
    notes: Mapping[str, str] | None = None,
    credit: str = "",
) -> str:
    """Return the index of counties as the text of one HTML file; the same counties give the same text.

    `counties`, one row a county, indexed by its code, in degrees or metres (a county may have no shape):

    - `name`; `page`: the way to its own page from where the index lies, steps parted by `/`, empty where it has none;
    - `state`: `done`, or `failed` with what was wrong as `reason`; the figures of a failed one are not shown;
    - `elders`, `elders_covered` (within `minutes`), `elders_unknown`: people, as they may be handed on (one to four are
      shown as `<5`; `<5` and `*` stand for themselves);
    - `elders_covered_after`, `sites`, `cost_yuan`: the plan; missing where there is none;
    - `verdicts_PASS`, `verdicts_FAIL` ... (`verdict_column`): how many answers of each kind there are.

    Only the index, `name` and the geometry must be there. `total`: the same figures of all together, shown as the last
    row; `notes`: label to text; `credit`: whose streets and boundaries they are. Shares are compared as fractions.
    Raises ValueError for a `page` that is no path below the index, or a `state` that is neither.
    """
    table = pd.DataFrame(counties.drop(columns=counties.geometry.name)).assign(code=counties.index)
    rows = [_known({str(key): value for key, value in row.items()}) for row in table.to_dict("records")]
    columns = list(_columns([*rows, *([total] if total else [])], minutes))
    ranks = [_ranks([column.value(row) for row in rows]) for column in columns]
    size, drawn = outlines(counties.geometry)
    text: str = _template().render(
        lang="zh-CN" if language == "zh" else "en",
        policy=POLICY,
        css=Markup(_ours("index_page.css")),  # noqa: S704  our own style sheet
        script=Markup(_ours("index_page.js")),  # noqa: S704  our own script
        title=cell(title),
        use=pair("page.internal"),
        w={word: pair(f"index.{word}") for word in _WORDS}
        | {word: pair(f"page.{word}") for word in ("notes", "nobody", "share_rule")},
        heads=[column.head for column in columns],
        rows=[
            _told(row, [(column.show(row), rank[place]) for column, rank in zip(columns, ranks, strict=True)])
            for place, row in enumerate(rows)
        ],
        total=total and [column.show(total) for column in columns],
        size=size,
        shapes=[_shape(row, outline) for row, outline in zip(rows, drawn, strict=True) if outline],
        classes=[
            (colour, f"{floor}–{SHARES[i + 1][0]}%" if i + 1 < len(SHARES) else f"{floor}%")
            for i, (floor, colour) in enumerate(SHARES)
        ],
        unknown=UNKNOWN_SHARE,
        any_failed=any(row["state"] == "failed" for row in rows),
        notes=[(cell(label), cell(said)) for label, said in (notes or {}).items()],
        credit=cell(credit),
    )
    return text


@dataclass(frozen=True)
class _Column:
    """One column of figures: its head, what a row shows in it, and by what rows are put in order."""

    words: Pair
    show: Callable[[Row], str]
    value: Callable[[Row], Fraction | None]
    status: Status | None = None

    @property
    def head(self) -> dict[str, Any]:
        mark = self.status and {
            "sign": SIGNS[self.status],
            "fill": STATUS_FILLS[self.status],
            "ink": ink_on(self.status),
        }
        return {"words": self.words, "mark": mark}


def _columns(rows: Sequence[Row], minutes: int) -> Iterator[_Column]:
    """Yield the columns there is something to say in."""

    def there(name: str) -> bool:
        return any(not _missing(row.get(name)) for row in rows)

    yield _Column(pair("page.elders"), partial(_people, "elders"), partial(_count, "elders"))
    covered = pair("page.covered", minutes=minutes)
    yield _Column(covered, partial(_people, "elders_covered"), partial(_count, "elders_covered"))
    share = pair("page.share", minutes=minutes)
    yield _Column(share, partial(_share_text, "elders_covered"), partial(_share, "elders_covered"))
    if there("elders_unknown"):
        unknown = pair("page.elders_unknown")
        yield _Column(unknown, partial(_people, "elders_unknown"), partial(_count, "elders_unknown"))
    if there("elders_covered_after"):
        after = pair("page.share_after", minutes=minutes)
        yield _Column(after, partial(_share_text, "elders_covered_after"), partial(_share, "elders_covered_after"))
    if there("sites"):
        yield _Column(pair("page.plan_count"), lambda row: whole(row.get("sites")), lambda row: exact(row.get("sites")))
    if there("cost_yuan"):
        yield _Column(
            pair("page.plan_cost"), lambda row: wan(row.get("cost_yuan")), lambda row: exact(row.get("cost_yuan"))
        )
    for status in STATUS_FILLS:
        name = verdict_column(status)
        if any(exact(row.get(name)) for row in rows):
            yield _Column(pair(f"status.{status}"), partial(_number, name), partial(_exact_of, name), status)


def _known(row: dict[str, Any]) -> Row:
    """Return a county with its state, without the figures of one that failed."""
    state = "done" if _missing(row.get("state")) else str(row["state"])
    if state not in STATES:
        raise ValueError(f"the state of a county is one of {', '.join(STATES)}: {state!r}")
    kept = row if state == "done" else {key: row.get(key) for key in ("code", "name", "page", "reason")}
    return {**kept, "state": state, "link": _link(row.get("page"))}


def _link(page: object) -> str:
    """Return the way to a page as the address of a link, which stays below the index whatever it is called."""
    if _missing(page) or page == "":
        return ""
    steps = str(page).split("/")
    if PurePosixPath(str(page)).is_absolute() or not all(step.strip(". ") for step in steps):
        raise ValueError(f"not a path below the index: {page!r}")
    return "./" + "/".join(quote(step, safe="") for step in steps)


def _told(row: Row, cells: Sequence[tuple[str, int | None]]) -> dict[str, Any]:
    return {
        "code": cell(row["code"]),
        "name": cell(row.get("name")) or cell(row["code"]),
        "link": row["link"],
        "cells": [(text, "" if rank is None else rank) for text, rank in cells],
        "failed": row["state"] == "failed",
        "state": pair(f"index.{row['state']}"),
        "reason": cell(row.get("reason")) if row["state"] == "failed" else "",
    }


def _shape(row: Row, outline: Outline) -> dict[str, Any]:
    name = cell(row.get("name")) or cell(row["code"])
    covered, elders = (
        nan if (known := exact(row.get(key))) is None else float(known) for key in ("elders_covered", "elders")
    )
    failed = row["state"] == "failed"
    return {
        "code": cell(row["code"]),
        "name": name,
        "link": row["link"],
        "outline": outline,
        "fill": "url(#failed)"
        if failed
        else share_colour(covered, elders, float(exact(row.get("elders_unknown")) or 0)),
        "share": "" if failed else _share_text("elders_covered", row),
        "label": outline.holds(max(len(name) * LETTER, SHARE_WIDE), LINES_HIGH),
    }


def _missing(value: Any) -> bool:
    return value is None or bool(pd.isna(value))


def _people(name: str, row: Row) -> str:
    return people(row.get(name))


def _number(name: str, row: Row) -> str:
    return whole(row.get(name))


def _exact_of(name: str, row: Row) -> Fraction | None:
    return exact(row.get(name))


def _count(name: str, row: Row) -> Fraction | None:
    """Return a count of people to put in order; one that is not told has no place in it."""
    return None if people(row.get(name)) in MARKS else exact(row.get(name))


def _share_text(name: str, row: Row) -> str:
    return people_share(row.get(name), row.get("elders"))


def _share(name: str, row: Row) -> Fraction | None:
    part, of = _count(name, row), _count("elders", row)
    return None if part is None or not of else part / of


def _ranks(values: Iterable[Fraction | None]) -> list[int | None]:
    """Return the place of each value in their order, equal ones at the same place; None for one that is not known.

    >>> _ranks([Fraction(1, 3), None, Fraction(2, 6), Fraction(1, 4)])
    [1, None, 1, 0]
    """
    known = list(values)
    place = {value: rank for rank, value in enumerate(sorted({value for value in known if value is not None}))}
    return [None if value is None else place[value] for value in known]


@cache
def _template() -> Any:
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(
        _ours("index_page.html")
    )


@cache
def _ours(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
