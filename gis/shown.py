"""How a result shows itself: a card in a notebook, every text as text; counts of people in a sentence."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

import numpy as np
import pandas as pd

from gis.disclosure import FEWEST, few, withheld

MOST_ROWS = 30
"""Rows of a table that a card shows; a longer one says how many there are."""


def card(title: str, lines: Iterable[str] = (), tables: Mapping[str, pd.DataFrame] | None = None) -> str:
    """Return a card as HTML: a heading, lines, and tables by their headings; nothing in it is read as HTML.

    >>> card("<b>", ["1 < 2"])
    '<div><h4>&lt;b&gt;</h4><p>1 &lt; 2</p></div>'
    """
    said = "".join(f"<p>{escape(line)}</p>" for line in lines)
    shown = "".join(
        f"<p><b>{escape(heading)}</b></p>{_html(table)}" for heading, table in (tables or {}).items() if len(table)
    )
    return f"<div><h4>{escape(title)}</h4>{said}{shown}</div>"


def _html(table: pd.DataFrame) -> str:
    """Return a table without its shapes: a notebook shows them on the map."""
    shapes = [name for name, kind in table.dtypes.items() if str(kind) == "geometry"]
    plain, long = pd.DataFrame(table.drop(columns=shapes)), len(table) > MOST_ROWS
    return str(plain.to_html(max_rows=MOST_ROWS, show_dimensions=long, border=0, na_rep=""))


def shown_chain(*counts: int) -> list[int | str]:
    """Return counts of people each of whom is among the next (covered before, covered after, all) as they may be told.

    Few are `<5`; where two differ by few, the later is `*`, of the last two the earlier: the whole is told elsewhere.

    >>> shown_chain(40, 50, 90), shown_chain(40, 43, 90), shown_chain(3, 50, 90)
    ([40, 50, 90], [40, '*', 90], ['<5', 50, 90])
    """
    places = range(len(counts))
    within = [(one, other) for one in places for other in places if one < other and counts[one] != counts[other]]
    return shown_within(counts, within, lasting=[place in {0, len(counts) - 1} for place in places])


def shown_within(
    counts: Sequence[int],
    within: Iterable[tuple[int, int]],
    *,
    lasting: Sequence[bool],
    hidden: Sequence[bool] | None = None,
) -> list[int | str]:
    """Return counts of people as they may be told, where those at one place are among those at another.

    `within`: the places of both, the part first; two such that differ by few hide one of them, two that do not differ
    both or none. `lasting` are hidden last, `hidden` already.

    >>> shown_within([8, 40, 43], [(1, 2)], lasting=[False, True, False])
    [8, 40, '*']
    """
    pairs = [(one, other) if counts[one] <= counts[other] else (other, one) for one, other in within]
    apart = {pair: float(counts[pair[1]] - counts[pair[0]]) for pair in dict.fromkeys(pairs)}
    close = [pair for pair, people in apart.items() if 0 < people < FEWEST]
    sums = [[part, len(counts) + number, whole] for number, (part, whole) in enumerate(close)]
    sums += [[part, whole] for (part, whole), people in apart.items() if not people]
    away = np.zeros(len(counts), dtype=bool) if hidden is None else np.array(hidden, dtype=bool)
    own = np.array(counts, dtype=float)
    cells = np.concatenate([np.where(away & ~few(own), np.nan, own), np.array([apart[pair] for pair in close])])
    gone = withheld(cells, sums, lasting=np.array([*lasting, *(True for _ in close)], dtype=bool))[: len(counts)] | away
    return [
        count if not mark else f"<{FEWEST}" if 0 < count < FEWEST else "*"
        for count, mark in zip(counts, gone, strict=True)
    ]
