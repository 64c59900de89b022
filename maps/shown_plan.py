"""Whom a plan covers as it is handed on: before and after, the gain of all, of each year and of each site at once."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.disclosure import few, withheld
from gis.shown import shown_chain
from maps.withheld import BESIDE, FEW, MARKS
from optimise.plan import Plan


@dataclass(frozen=True, eq=False)
class ShownPlan:
    """The people of a plan as numbers or marks; `bound`, the most that any plan could cover, None where it is not told.

    `gained`: newly covered by all sites; `by_year` by those of each year (0: no year said), `by_site` by each, by its
    code.
    """

    before: object
    covered: object
    total: object
    gained: object
    by_year: Mapping[int, object]
    by_site: pd.Series
    bound: int | None


def shown_plan(plan: Plan) -> ShownPlan:
    """Return the people of a plan as they may be handed on.

    The gains of sites add up to those of their year, these to the gain of all, and that is after less before: where one
    of the two is hidden, so is the gain, and the bound, which a proven plan reaches.
    """
    figures = (plan.elders_covered_before, plan.elders_covered, plan.elders_total)
    known = not any(map(pd.isna, figures))  # of a part of a larger plan some are hidden already
    before, covered, total = shown_chain(*map(int, figures)) if known else [BESIDE] * 3
    open_ = not {before, covered} & MARKS
    sites = plan.sites
    told = sites.get("elders_gained", pd.Series(dtype=float))
    gains = pd.to_numeric(told, errors="coerce")
    years = sites["year"].fillna(0) if "year" in sites and len(gains) else pd.Series(0, index=gains.index)
    names = [int(year) for year in dict.fromkeys(years)]
    by_year = [float(gains[years == year].sum(skipna=False)) for year in names]
    whole = float(figures[1] - figures[0]) if known else np.nan
    counts = np.array([*gains, *by_year, whole if open_ or few(np.array([whole]))[0] else np.nan])
    first = len(gains)
    sums = [[*np.flatnonzero(years == year).tolist(), first + number] for number, year in enumerate(names)]
    sums += [[*range(first, first + len(names)), len(counts) - 1]] if names else []
    hidden = withheld(counts, sums) | np.isnan(counts)
    marks = np.where(few(counts), FEW, BESIDE)
    shown = [str(mark) if away else int(n) for n, mark, away in zip(counts, marks, hidden, strict=True)]
    by_site = pd.Series(shown[:first], index=gains.index, dtype=object)
    return ShownPlan(
        before=before,
        covered=covered,
        total=total,
        gained=shown[-1],
        by_year=dict(zip(names, shown[first:-1], strict=True)),
        by_site=by_site.mask(told.isin(MARKS), told),  # marks that stand there already
        bound=plan.bound if open_ else None,
    )
