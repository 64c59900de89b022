"""What each site of a plan is for: whom it serves, why it is in the plan, and what is lost without it."""

import time
from collections.abc import Iterable, Sequence

import pandas as pd

from optimise.inquiry import Found, Inquiry, asked, pursue
from optimise.limit import Limit, counted
from optimise.question import Question
from optimise.solve import Hear, Solver

REASONS = ("begun", "required", "rule", "best")
COLUMNS = ("name", "reason", "rules", "elders_in_walk", "lost_alone", "replaced", "lost_at_best", "lost_at_least",
           "more_yuan", "replacement", "near_best")  # fmt: skip


def why(
    inquiry: Inquiry,
    plan: Found,
    *,
    others: Sequence[Found] = (),
    time_limit_s: float = 60,
    solver: Solver = "auto",
    hear: Hear | None = None,
) -> pd.DataFrame:
    """Return for each site of a plan, indexed by `site_id`, why it is in it and what would be lost without it.

    - `reason`: `begun`, `required`, `rule` (without it the plan breaks a rule: `rules`, by name in the catalogue) or
      `best` (no rule asks for it: it adds to the goals).
    - `elders_in_walk`; `lost_alone`: elders no longer covered with nothing in its place.
    - `replaced`: what is known of the best plan without it (a status of `PlanStatus`: OPTIMAL is proven, INFEASIBLE:
      the rules cannot be kept without the site); `lost_at_best`: elders lost with that plan, `more_yuan` what it costs
      more (below zero: less), `replacement` the sites it has instead. `lost_at_least`: elders that are lost whatever is
      built instead, proven. All missing where no such plan is known.
    - `near_best`: in how many of the `others` the site stands.

    A site that is required or begun is taken out together with that demand. The time is shared by the sites.
    """
    if plan.recount is None:
        return pd.DataFrame(columns=list(COLUMNS), index=pd.Index([], name="site_id", dtype=object))
    end = time.monotonic() + time_limit_s
    served, question = serving(inquiry, plan), asked(inquiry)
    rows = []
    sites = plan.recount.sites
    for k, (site, row) in enumerate(sites.iterrows()):
        wanted = site in (*inquiry.rules.required, *inquiry.rules.begun)
        fewer = inquiry.without(str(site)) if wanted else inquiry
        stay = [i for i in (*sites["option_id"], *plan.recount.kept) if i != row["option_id"]]
        stay += _as_today(inquiry, str(site), plan)
        alone = fewer.recount(stay)
        before = {culprit.rule for culprit in plan.recount.broken}
        rules = tuple(dict.fromkeys(c.rule for c in alone.broken if c.rule not in before)) or _missed(plan, alone)
        seconds = (end - time.monotonic()) / (len(sites) - k)
        again = pursue(
            fewer,
            question=None if wanted else question,
            limits=() if wanted else (_not_built(question, str(site)),),
            seconds=seconds,
            solver=solver,
            hear=hear,
        )
        rows.append(
            {
                "name": row["name"],
                "reason": _reason(inquiry, str(site), rules),
                "rules": rules,
                "elders_in_walk": int(served["elders"][served["site_id"] == site].sum()),
                "lost_alone": plan.recount.elders_covered - alone.elders_covered,
                **_replaced(inquiry, plan, again),
                "near_best": sum(site in other.sites for other in others),
            }
        )
    table = pd.DataFrame(rows, columns=list(COLUMNS), index=pd.Index(list(sites.index), name="site_id", dtype=object))
    return table.astype(dict.fromkeys(("lost_at_best", "lost_at_least", "more_yuan"), "Int64"))


def serving(inquiry: Inquiry, plan: Found) -> pd.DataFrame:
    """Return whom each new site serves, a row a site and community, in the order of both.

    `site_id`, `community_id` (empty where no community is told), `elders` within its walk, `elders_new` (covered by
    nothing today), `elders_only` (covered by nothing else in the plan). A site that nobody walks to has no row.
    """
    columns = ["site_id", "community_id", "elders", "elders_new", "elders_only"]
    if plan.recount is None:
        return pd.DataFrame(columns=columns)
    demand = inquiry.demand
    table = inquiry.options
    walked_to = set(table["site_id"][table["serves"] & table.index.isin(plan.options)])
    today = set(table["site_id"][table["serves"] & table.index.isin(inquiry.today)])
    pairs = inquiry.pairs
    if inquiry.rules.decay:
        pairs = pairs[pairs["minutes"] <= inquiry.rules.decay[-1][0]]
    pairs = pairs[pairs["site_id"].isin(walked_to | today)].drop_duplicates(["demand_id", "site_id"])
    now = set(demand.index[demand["covered"]]) | set(pairs["demand_id"][pairs["site_id"].isin(today)])
    open_ = pairs[pairs["site_id"].isin(walked_to)]
    sure = set(demand.index[demand["covered"]])
    alone = open_.groupby("demand_id")["site_id"].transform("size") == 1
    mine = open_.assign(alone=alone & ~open_["demand_id"].isin(sure))
    mine = mine[mine["site_id"].isin(plan.sites)]
    elders = demand["elders"].reindex(mine["demand_id"]).to_numpy()
    unit = demand["community_id"].fillna("") if "community_id" in demand else pd.Series("", index=demand.index)
    rows = pd.DataFrame(
        {
            "site_id": mine["site_id"].to_numpy(),
            "community_id": unit.reindex(mine["demand_id"]).to_numpy(),
            "elders": elders,
            "elders_new": elders * (~mine["demand_id"].isin(now)).to_numpy(),
            "elders_only": elders * mine["alone"].to_numpy(),
        }
    )
    return rows.groupby(["site_id", "community_id"], as_index=False).sum()[columns]


def _not_built(question: Question, site: str) -> Limit:
    """Return the limit that a site is neither built nor upgraded."""
    table = question.options
    return counted("not_built", "at most", 0, ((table["site_id"] == site) & (table["mode"] != "keep")).to_numpy())


def _as_today(inquiry: Inquiry, site: str, plan: Found) -> Iterable[str]:
    """Return what stays of an upgraded facility once it is not upgraded."""
    table = inquiry.options
    own = table.index[(table["site_id"] == site) & (table["mode"] == "keep")]
    return [str(i) for i in own if i not in plan.options]


def _missed(plan: Found, alone: object) -> tuple[str, ...]:
    """Return the soft rules of which fewer lines are kept without the site."""

    def lines(found: object) -> dict[str, int]:
        tally: pd.DataFrame = found.tally  # type: ignore[attr-defined]
        lost = tally[tally["soft"] & ~tally["kept"]]
        return {str(rule): int(n) for rule, n in lost["rule"].value_counts(sort=False).items()}

    before = lines(plan.recount)
    return tuple(sorted(rule for rule, n in lines(alone).items() if n > before.get(rule, 0)))


def _reason(inquiry: Inquiry, site: str, rules: tuple[str, ...]) -> str:
    if site in inquiry.rules.begun:
        return "begun"
    if site in inquiry.rules.required:
        return "required"
    return "rule" if rules else "best"


def _replaced(inquiry: Inquiry, plan: Found, again: Found) -> dict[str, object]:
    """Return what the best plan without a site comes to beside the plan with it."""
    row: dict[str, object] = {"replaced": again.status.value, "replacement": ()}
    row |= dict.fromkeys(("lost_at_best", "lost_at_least", "more_yuan"), pd.NA)
    if plan.recount is None:
        return row
    if inquiry.main == "elders" and again.bound is not None:
        row["lost_at_least"] = plan.recount.elders_covered - again.bound
    if again.recount is not None:
        row["lost_at_best"] = plan.recount.elders_covered - again.recount.elders_covered
        row["more_yuan"] = again.recount.cost_yuan - plan.recount.cost_yuan
        row["replacement"] = tuple(sorted(again.sites - plan.sites))
    return row
