"""What a council asks about a plan, answered: the plans nearly as good, what each site is for, what money buys."""

from dataclasses import dataclass, field

import pandas as pd

from optimise.check import Recount
from optimise.front import More
from optimise.inquiry import Found


@dataclass(frozen=True, eq=False)
class Council:
    """The plan as the council sees it, beside today and beside the plans nearly as good.

    - `best`: the plan; `today`: everything left as it is, by the same rules.
    - `near_best`: plans nearly as good that build elsewhere (`optimise.near_best.near_best`).
    - `why`, `serves`: what each site is for (`optimise.reasons.why` and `serving`).
    - `front`: what each budget buys (`optimise.front.front`), None where it was not asked for; `more`: what a little
      more money buys.
    - `scenarios`: one row a scenario, indexed by name, None where there are none.
    """

    best: Found
    today: Recount
    near_best: tuple[Found, ...]
    why: pd.DataFrame
    serves: pd.DataFrame
    front: pd.DataFrame | None = None
    more: More | None = None
    scenarios: pd.DataFrame | None = None
    scenario_sites: pd.DataFrame = field(default_factory=pd.DataFrame)
