"""How a result shows itself: a card in a notebook, every text as text; counts of people in a sentence."""

from collections.abc import Iterable, Mapping
from html import escape

import numpy as np
import pandas as pd

from gis.disclosure import FEWEST, withheld

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
    pairs = [(one, other) for one in places for other in places if one < other]
    close = [(one, other) for one, other in pairs if 0 < abs(counts[other] - counts[one]) < FEWEST]
    cells = [*map(float, counts), *(float(abs(counts[other] - counts[one])) for one, other in close)]
    sums = [
        [one, len(counts) + number, other] if counts[one] < counts[other] else [other, len(counts) + number, one]
        for number, (one, other) in enumerate(close)
    ]
    weight = np.array([int(place in {0, len(counts) - 1}) for place in range(len(cells))])
    hidden = withheld(np.array(cells), sums, weight=weight)
    return [
        count if not away else f"<{FEWEST}" if 0 < count < FEWEST else "*"
        for count, away in zip(counts, hidden, strict=False)
    ]
