"""Whom new sites serve, by community, as it is handed on: a site's communities add up to all in its walk."""

import numpy as np
import pandas as pd

from gis.disclosure import few, withheld
from maps.atlas import Atlas
from maps.withheld import BESIDE, FEW

PEOPLE = ("elders", "elders_new", "elders_only")


def shown_serves(atlas: Atlas) -> pd.DataFrame:
    """Return `Council.serves` where anybody is served, with marks in place of what is not published.

    Of a community that has a hidden count nobody is told: who is newly covered is the plan's count less today's.
    Raises ValueError where nobody was asked.
    """
    return _shown(atlas)[0]


def shown_in_walk(atlas: Atlas) -> pd.Series:
    """Return by site of the plan whom it has in its walk, from all communities. Raises ValueError as above."""
    return _shown(atlas)[1]


def _shown(atlas: Atlas) -> tuple[pd.DataFrame, pd.Series]:
    if atlas.council is None:
        raise ValueError("no answers for a council")
    rows = atlas.council.serves[atlas.council.serves["elders"] > 0]
    away = np.array([("community", str(code)) in atlas.hidden_places for code in rows["community_id"]], dtype=bool)
    sites = list(dict.fromkeys([*atlas.council.why.index, *rows["site_id"]]))
    of = rows["site_id"].to_numpy()
    sums = [[*np.flatnonzero(of == site).tolist(), len(rows) + number] for number, site in enumerate(sites)]
    new = {}
    for name in PEOPLE:
        counts = rows[name].to_numpy(dtype=float)
        totals = np.array([counts[of == site].sum() for site in sites])
        unknown = away & (counts > 0)
        hidden = withheld(np.array([*np.where(unknown, np.nan, counts), *totals]), sums)
        hidden[: len(rows)] |= unknown
        every = np.array([*counts, *totals])
        marks = np.where(few(every), FEW, BESIDE)
        shown = [str(mark) if gone else int(n) for n, mark, gone in zip(every, marks, hidden, strict=True)]
        new[name] = shown
    in_walk = pd.Series(new["elders"][len(rows) :], index=pd.Index(sites, dtype=object), dtype=object)
    told = {name: pd.Series(new[name][: len(rows)], index=rows.index, dtype=object) for name in PEOPLE}
    return rows.assign(**told), in_walk
