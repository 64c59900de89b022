"""How a result shows itself in a notebook: a card of a heading, lines and tables, every text as text."""

from collections.abc import Iterable, Mapping
from html import escape

import pandas as pd

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
