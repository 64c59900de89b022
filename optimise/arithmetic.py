"""What sums alone show cannot be kept, by name: no solver is needed to see it."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimise.layout_limits import too_small
from optimise.limit import Limit, matrix
from optimise.options import called
from optimise.plan import Culprit
from optimise.question import Question

MONEY_AND_AREA = ("budget", "budget_year", "county_share", "total_floor_area", "max_sites", "running_cost")
EACH_ITS_OWN = ("street_centre", "community_served", "milestone")
ONE_BY_ONE = 3
"""So many lines of one rule are named each with its figures; more are counted."""
Whole = NDArray[np.int64]


def contradictions(question: Question) -> tuple[Culprit, ...]:
    """Return the rules that sums alone show cannot be kept, every one of them, by name.

    Sites that are required and no candidates, forbidden or too small; then each rule by itself with the sites that may
    be used, one decision a site: a street without a site large enough, a community without a candidate in reach, fewer
    candidates than a milestone asks; then the least that the streets, communities and milestones cost, each with a
    site of its own, against the money, the floor area and the number of sites.
    """
    never = _never(question)
    found = [*_required(question, never)]
    named = {culprit.rule for culprit in found}
    for rule in ("required", "begun"):  # why its sites cannot be built is said already
        named |= {rule} if any(i in getattr(question.rules, rule) for ids in never.values() for i in ids) else set()
    sums = _Sums(question)
    for limit in question.limits:
        if not limit.soft and limit.rule not in named and limit.rule not in ("existing", "site_once"):
            found += sums.alone(limit)
    named |= {culprit.rule for culprit in found}
    found += sums.together(named)
    legal = question.rules.legal
    return tuple(
        replace(each, legal=legal.get(each.rule, "")) for each in _gathered(tuple(dict.fromkeys(found)), question)
    )


OF_PLACES = ("street_centre", "community_served", "coverage_floor", "cover_all", "milestone")


def beyond(question: Question) -> tuple[Limit, ...]:
    """Return the limits on streets, communities and people that all usable sites together cannot keep."""
    sums = _Sums(question)
    limits = [limit for limit in question.limits if limit.rule in OF_PLACES and not limit.soft]
    return tuple(limit for limit in limits if not limit.kept(sums.most(limit)))


def _gathered(found: tuple[Culprit, ...], question: Question) -> Iterable[Culprit]:
    """Say once what a rule asks of many units that cannot have it."""
    for rule in dict.fromkeys(culprit.rule for culprit in found):
        own = [culprit for culprit in found if culprit.rule == rule]
        if len(own) <= ONE_BY_ONE:
            yield from own
            continue
        names = tuple(dict.fromkeys(name for culprit in own for name in culprit.names))
        lines = sum(limit.rule == rule for limit in question.limits)
        counts = lines >= len(own)
        yield Culprit(rule, names, *((lines, lines - len(own)) if counts else (1, 0)), several=counts)


def _demanded(question: Question) -> tuple[str, ...]:
    """Return the sites that are required or begun."""
    rules = question.rules
    asked = [getattr(rules, rule) for rule in ("required", "begun") if rule not in rules.soft]
    return tuple(dict.fromkeys(i for each in asked for i in each))


def _never(question: Question) -> dict[str, list[str]]:
    """Return the sites that are required or begun and can never be built, by the reason."""
    rules, table = question.rules, question.options
    required, site = _demanded(question), table["site_id"]
    never = () if "forbidden" in rules.soft else rules.forbidden
    new = (table["mode"] != "keep").to_numpy()
    year = table["year"].to_numpy()
    known = [i for i in required if i in set(site[new])]
    small = frozenset() if "site_floor_area" in rules.soft else too_small(table, rules=rules)
    large = set(site[new & ~table.index.isin(small)])
    at_once = set(site[new & (year == year[new].min(initial=9999))])
    begun = () if "begun" in rules.soft else rules.begun
    found = {
        "required_unknown": [i for i in required if i not in known],
        "required_forbidden": [i for i in known if i in never],
        "required_too_small": [i for i in known if i not in large],
        "begun_late": [i for i in known if i in begun and i not in at_once],
    }
    return {rule: who for rule, who in found.items() if who}


def _required(question: Question, never: dict[str, list[str]]) -> Iterable[Culprit]:
    """Hold what is required or begun against the candidates, and its least cost and area against what there is."""
    rules, table = question.rules, question.options
    required, site = _demanded(question), table["site_id"]
    new = (table["mode"] != "keep").to_numpy()
    known = [i for i in required if i in set(site[new])]
    names = called(zip(site, table["name"], strict=True))
    first = table["year"][new].groupby(site[new]).min()
    for rule, who in never.items():
        late = {i: f"{names[i]} {first[i]}" for i in who} if rule == "begun_late" else names
        yield Culprit(rule, tuple(late.get(i, str(i)) for i in who), len(required), len(required) - len(who))
    for limit in question.limits:
        if limit.rule in ("budget", "total_floor_area", "max_sites") and not limit.soft:
            weight = pd.Series(matrix([limit], len(table)).toarray()[0], index=site)[new]
            needs = int(weight.groupby(level=0).min().reindex(known).sum())
            if needs > limit.limit:
                yield Culprit(limit.rule, tuple(names[i] for i in known), limit.figure(needs), limit.stated)
    cover = question.cover
    if rules.cover_all and "cover_all" not in rules.soft and cover.out_of_reach:
        can = cover.elders_before + int(cover.elders.sum())
        yield Culprit("cover_all", tuple(str(i) for i in cover.out_of_reach), cover.elders_total, can)


class _Sums:
    """The most and the least that a rule's sum can be, site by site, one decision each."""

    def __init__(self, question: Question) -> None:
        self.question, table, rules = question, question.options, question.rules
        self.site, self.ids = pd.factorize(table["site_id"])
        self.names = called(zip(table["site_id"], table["name"], strict=True))
        new = (table["mode"] != "keep").to_numpy()
        shut = {
            "forbidden": new & table["site_id"].isin(rules.forbidden).to_numpy(),
            "site_floor_area": table.index.isin(list(too_small(table, rules=rules))),
        }
        self.shut = {rule: np.asarray(which) for rule, which in shut.items() if rule not in rules.soft}
        self.usable = ~np.logical_or.reduce([np.zeros(len(table), dtype=bool), *self.shut.values()])
        there = table["existing"].to_numpy() if rules.keep_existing else np.zeros(len(table), dtype=bool)
        self.must = np.zeros(len(self.ids), dtype=bool)
        self.must[self.site[there]] = True

    def _by_site(self, limit: Limit, usable: NDArray[np.bool_], *, most: bool) -> Whole:
        """Return the most (or least) that each site can add to a limit's sum."""
        edge = np.iinfo(np.int64).min if most else np.iinfo(np.int64).max
        weight = np.zeros(len(self.site), dtype=np.int64)
        weight[limit.columns] = limit.weights
        best = np.full(len(self.ids), edge, dtype=np.int64)
        (np.maximum if most else np.minimum).at(best, self.site[usable], weight[usable])
        none = best == edge
        free = none | ~self.must
        best[none] = 0
        return np.where(free, (np.maximum if most else np.minimum)(best, 0), best)

    def _reach(self, limit: Limit, usable: NDArray[np.bool_]) -> int:
        """Return the most (under an upper limit: the least) that a rule's figure can be."""
        cover = self.question.cover
        if limit.of_people:
            opened = cover.opened((usable).astype(np.int64)) > 0
            inside = np.asarray(cover.reach @ opened.astype(np.int64) > 0)
            people = cover.worth if limit.counts == "worth" else cover.elders
            mine = inside if limit.units is None else inside & np.isin(cover.unit, limit.units)
            reached = int(people[mine].sum())
            if limit.counts != "placed":
                return reached
            places = np.zeros(len(self.ids), dtype=np.int64)
            serving = usable & (cover.opens >= 0)
            np.maximum.at(places, self.site[serving], cover.capacity[serving])
            return min(int(places.sum()), reached)
        sets = sum(bool(usable[each].any()) for each in limit.either) if limit.sense == "at least" else 0
        return sets + int(self._by_site(limit, usable, most=limit.sense == "at least").sum())

    def most(self, limit: Limit) -> int:
        """Return the most that a rule's figure can be (under an upper limit: the least) with the sites to be used."""
        return self._reach(limit, self.usable)

    def alone(self, limit: Limit) -> Iterable[Culprit]:
        """Name a rule that cannot be kept with the sites that may be used, and what shuts out the ones it needs."""
        if limit.rule in ("forbidden", "site_floor_area") or limit.counts in ("worst", "missed"):
            return
        can = self.most(limit)
        if limit.kept(can):
            return
        figures = (limit.figure(can), limit.stated)
        yield Culprit(limit.rule, limit.names, *(figures if limit.sense == "at most" else figures[::-1]))
        if not limit.kept(self._reach(limit, np.ones(len(self.site), dtype=bool))):
            return
        for rule, which in self.shut.items():
            sites = dict.fromkeys(self.ids[self.site[which & self._helps(limit)]])
            if sites:
                yield Culprit(rule, tuple(self.names[i] for i in sites), 1, 0)

    def _helps(self, limit: Limit) -> NDArray[np.bool_]:
        """Return the options that would bring a rule's figure up."""
        helps = np.zeros(len(self.site), dtype=bool)
        if limit.sense == "at most":
            return helps
        helps[limit.columns[limit.weights > 0]] = True
        for each in limit.either:
            helps[each] = True
        if limit.of_people:
            cover = self.question.cover
            mine = np.ones(len(cover.unit), dtype=bool) if limit.units is None else np.isin(cover.unit, limit.units)
            links = np.asarray(cover.reach[np.flatnonzero(mine)].sum(axis=0)).ravel() > 0
            helps = (cover.opens >= 0) & np.append(links, False)[cover.opens]
        return helps

    def together(self, named: set[str]) -> Iterable[Culprit]:
        """Hold the least that streets, communities and milestones take against money, floor area and sites."""
        limits = [limit for limit in self.question.limits if not limit.soft]
        for most in (limit for limit in limits if limit.rule in MONEY_AND_AREA and limit.rule not in named):
            least = self._by_site(most, self.usable, most=False)
            if (least < 0).any() or (most.weights < 0).any():
                continue
            for rule in (each for each in EACH_ITS_OWN if each not in named):
                lines, needs = self._apart([limit for limit in limits if limit.rule == rule], most)
                if needs > most.limit:
                    names = tuple(dict.fromkeys(name for line in lines for name in line.names))
                    asked = sum(line.limit for line in lines)
                    yield Culprit(most.rule, most.names, most.figure(needs), most.stated)
                    yield Culprit(rule, names, asked, max(0, asked - 1), several=len(lines) > 1)
                    return

    def _apart(self, lines: list[Limit], most: Limit) -> tuple[list[Limit], int]:
        """Return lines that share no site and the least that keeping all of them takes."""
        taken: set[int] = set()
        used: list[Limit] = []
        needs = 0
        weight = np.zeros(len(self.site), dtype=np.int64)
        weight[most.columns] = most.weights
        for line in sorted(lines, key=lambda line: len(line.columns)):
            if line.either or (line.weights != 1).any() or line.of_people:
                continue
            mine = line.columns[self.usable[line.columns]]
            sites = set(self.site[mine].tolist())
            if sites & taken or len(sites) < line.limit:
                continue
            cheapest = pd.Series(weight[mine]).groupby(self.site[mine]).min().sort_values()
            needs += int(cheapest.iloc[: line.limit].sum())
            taken |= sites
            used.append(line)
        return used, needs
