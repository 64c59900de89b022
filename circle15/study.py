"""One study of a city: today, where to build, who is covered then, and what the documents say of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, overload

import geopandas as gpd
import pandas as pd

from circle15.accounts import coverage_ledger
from circle15.asked import question
from circle15.cards import study_card
from circle15.city import City
from circle15.doubts import Doubts
from circle15.imprint import imprint
from circle15.judged import Changes, compared, pair, verdicts_of
from circle15.layouts import FACILITY, shut_out
from circle15.measure_sheets import measure_sheets
from circle15.measures import Measures
from circle15.new_places import new_places
from circle15.notes import notes
from circle15.project import Project
from circle15.sites import by_community
from circle15.today import Today, Told, today
from circle15.walked import Walked, with_sites, within_walk
from circle15.ways_out import with_keys
from circle15.years import areas_by_kind, drawn_years, year_ends
from gis.errors import Finding
from gis.isochrone import isochrones
from gis.ledger import Ledger
from maps.atlas import Atlas, Tiles, YearEnd
from maps.council import Council
from maps.page import page_map
from maps.plot import plot_coverage
from maps.shown_served import hidden_sums, without_sums
from maps.shown_verdicts import shown_changes, shown_verdicts
from optimise.plan import Plan
from optimise.solve import Hear, Solver
from policy.verdict import Verdict

if TYPE_CHECKING:
    import folium
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Study:
    """The result of one study: `today`, the plan, and the city `after` it.

    `plan` and `after` are None where there is no budget, no candidate or no site; `homes` and `units` as of today, with
    `state_after` and `elders_covered_15_after` ... for the plan. `areas`: walking areas by `minutes` and `when`.
    `changes`: what becomes of the verdicts after the plan and on the days compared.
    """

    today: Today
    plan: Plan | None
    after: Walked | None
    homes: gpd.GeoDataFrame
    units: pd.DataFrame
    areas: gpd.GeoDataFrame
    verdicts_after: tuple[Verdict, ...]
    changes: tuple[Changes, ...]
    findings: tuple[Finding, ...]
    ends: Mapping[int, Walked] = field(default_factory=dict)
    """Who walks where at the end of each year of the plan."""
    council: Council | None = None
    """Near-best plans and reasons, where they were asked for (`circle15.council`)."""

    def _repr_html_(self) -> str:
        """Show what was found in a notebook."""
        return study_card(self)

    def explore(self) -> "folium.Map":
        """Return the map, as the page shows it."""
        return page_map(self.atlas())

    def plot(self, ax: "Axes | None" = None, *, after: bool = True) -> "Axes":
        """Draw coverage, facilities and the plan on matplotlib axes."""
        return plot_coverage(self.atlas(), ax, after=after)

    @cached_property
    def years(self) -> tuple[YearEnd, ...]:
        """Who is covered at the end of each year of a plan that has years; drawn when first asked for."""
        return drawn_years(self.city, self.ends)

    @cached_property
    def kind_areas(self) -> gpd.GeoDataFrame:
        """Walking areas by `when`, `kind` and `minutes`; drawn when first asked for."""
        after = {} if self.after is None else {"after": self.after}
        years = {str(year): end for year, end in self.ends.items()}
        return areas_by_kind(self.city, {"today": self.today.now, **years, **after})

    @property
    def city(self) -> City:
        """The city as it was read."""
        return self.today.city

    @property
    def project(self) -> Project:
        """The project that was studied."""
        return self.today.city.project

    @property
    def serving(self) -> gpd.GeoDataFrame:
        """The facilities that count today."""
        return self.today.now.serving

    @property
    def walks(self) -> pd.DataFrame:
        """The walks to them: `demand_id`, `facility_id`, `minutes`."""
        return self.today.now.walks

    @property
    def speeds(self) -> pd.DataFrame:
        """Elders covered at each walking speed compared."""
        return self.today.speeds

    @property
    def measures(self) -> Measures:
        """What there is beyond coverage."""
        return self.today.measures

    @property
    def doubts(self) -> Doubts:
        """What may be doubted."""
        return self.today.doubts

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What the documents say of today."""
        return self.today.judged.verdicts

    @property
    def ledgers(self) -> tuple[Ledger, ...]:
        """How every row and every elder was used: of each input, then of the homes in the table of coverage."""
        return (*self.city.ledgers, coverage_ledger(self.homes, self.city.communities))

    def atlas(self) -> Atlas:
        """Return everything there is to show."""
        city, project, said = self.city, self.project, self.today.judged
        language, minutes = project.output.language, project.walking.minutes
        planned = r"(?<!_after)$" if self.after is None else "$"  # without a plan there is nothing to show after it
        exact = Atlas(
            name=project.name,
            crs=city.crs,
            language=language,
            minutes=minutes,
            streets=city.network.streets(),
            base=city.ground,
            communities=city.communities,
            units=self.units.filter(regex=planned),
            homes=self.homes.filter(regex=planned),
            facilities=city.facilities,
            candidates=city.candidates,
            housing=city.housing,
            areas=self.areas,
            plan=self.plan,
            verdicts=said.verdicts,
            findings=self.findings,
            ledgers=self.ledgers,
            notes=notes(city),
            speeds=self.speeds,
            trust=self.doubts.trust,
            catchments=self.measures.catchments,
            policies=city.policies,
            verdicts_after=self.verdicts_after,
            checks=said.checks,
            scores=said.scores,
            progress=said.progress,
            dues=said.dues,
            served=within_walk(self.after or self.today.now),
            changes=self.changes,
            council=self.council,
            serving=frozenset(map(str, self.serving.index)),
            neighbours=_serving_from_beyond(city, self.serving),
            imprint=imprint(project, city.communities),
            years=self.years,
            kind_areas=self.kind_areas,
            tiles=None if (tiles := project.output.tiles) is None else Tiles(tiles.url, tiles.datum),
        )
        places, then = exact.hidden_places, self.after or self.today.now
        nearest = self.measures.served["facility_id"].fillna("").rename_axis("demand_id").reset_index()
        of_walks, of_nearest = hidden_sums(exact, then.walks, nearest)
        found = replace(self.measures, catchment_table=without_sums(self.measures.catchment_table, of_nearest))
        return replace(
            exact,
            shown=exact.shown_units,
            served=without_sums(exact.served, of_walks),
            measures=measure_sheets(found, self.doubts, self.serving, minutes=minutes, language=language),
            verdicts=shown_verdicts(exact.verdicts, places),
            verdicts_after=shown_verdicts(exact.verdicts_after, places),
            changes=tuple((title, shown_changes(found, places)) for title, found in exact.changes),
        )


def _serving_from_beyond(city: City, serving: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the facilities of the neighbours that serve across the border; none where there are no neighbours."""
    others = city.beyond.facilities
    return city.facilities.iloc[:0] if others is None else others[others.index.isin(serving.index)]


def study(
    city: City | Today,
    *,
    siting: bool = True,
    solver: Solver | None = None,
    hear: Hear | None = None,
    progress: Told = lambda _: None,
) -> Study:
    """Return the study of a city, computed from what was read; nothing is written.

    Given what `today` returned, only the plan is computed; `siting=False` leaves the plan out. `solver` (None:
    that of the project) and `hear` (told the best value, the bound and the gap) as in `optimise.layout.layout`.
    Raises InputError for a budget in the wrong unit, a site that is no candidate, or a choice that no document has.
    """
    here = today(city, progress=progress) if isinstance(city, City) else city
    city, now = here.city, here.now
    plan, after, findings = None, None, list(here.findings)
    stages: dict[str, pd.DataFrame] = {"today": now.at_serving}
    if siting:
        progress("stage.site")
        plan, after, more = _planned(city, now, solver=solver or city.project.siting.solver, hear=hear)
        findings += more
    progress("stage.after")
    then = after or now
    if after is not None:
        stages["after"] = after.at_serving
    _agree(plan, then)
    verdicts_after = verdicts_of(city, after) if after is not None else ()
    walking = city.project.walking
    ends = year_ends(city, plan, after)
    areas = [
        isochrones(city.network, at, minutes=walking.minutes, speed_m_s=walking.speed_m_s, together=True).assign(
            when=when
        )
        for when, at in stages.items()
    ]
    return Study(
        today=here,
        plan=plan,
        after=after,
        homes=now.homes.assign(state_after=then.homes["state"], minutes_after=then.homes["minutes"]),
        units=_beside(now.units, then.units, walking.minutes),
        areas=gpd.GeoDataFrame(pd.concat(areas, ignore_index=True))[["when", "minutes", "geometry"]],
        verdicts_after=verdicts_after,
        changes=_changes(here, verdicts_after),
        findings=tuple(findings),
        ends=ends,
    )


@overload
def with_siting(town: City, **changes: object) -> City: ...
@overload
def with_siting(town: Today, **changes: object) -> Today: ...
def with_siting(town: City | Today, **changes: object) -> City | Today:
    """Return the same city, or what is known of it today, with other siting parameters: nothing is read again."""
    city = town.city if isinstance(town, Today) else town
    siting = city.project.siting.model_copy(update=changes)
    other = replace(city, project=city.project.model_copy(update={"siting": siting}))
    return replace(town, city=other) if isinstance(town, Today) else other


def _planned(
    city: City, now: Walked, *, solver: Solver, hear: Hear | None
) -> tuple[Plan | None, Walked | None, list[Finding]]:
    """Return the plan, the city with its sites in use, and the candidates left out."""
    asked, findings = question(city, now)
    if asked is None:
        return None, None, list(findings)
    project = city.project
    plan = asked.inquiry.plan(
        time_limit_s=project.siting.time_limit_s, solver=solver, hear=hear, language=project.output.language
    )
    plan = new_places(plan, city, now, asked, seconds=project.siting.time_limit_s, solver=solver)
    plan = with_keys(by_community(plan, now.homes, city.communities), project.siting, city.communities)
    plan = shut_out(plan, asked.candidates, asked.inquiry.options, project.output.language)
    if not len(plan.sites) and not plan.closed:
        return plan, None, list(findings)
    new = plan.sites[plan.sites.index.isin(asked.candidates.index)]
    built = asked.candidates.loc[new.index].assign(**new[["kind", "floor_area_m2"]])
    closed = [name for name in now.serving.index if FACILITY(name) in plan.closed]
    larger = {name: plan.sites["floor_area_m2"][FACILITY(name)] for name in now.serving.index
              if FACILITY(name) in plan.sites.index}  # fmt: skip
    then = with_sites(city, now, built, asked.at_candidates, asked.pairs, closed=closed, larger=larger)
    return plan, then, list(findings)


def _beside(units: pd.DataFrame, then: pd.DataFrame, minutes: tuple[int, ...]) -> pd.DataFrame:
    """Return coverage by unit with what it will be after the plan beside it."""
    names = (*(f"elders_covered_{m}" for m in minutes), "elders_unknown")
    return units.assign(**{f"{name}_after": then[name] for name in names})


def _agree(plan: Plan | None, then: Walked) -> None:
    """Refuse a plan whose figure is not what walking to its sites gives."""
    walked_to = int(then.homes["elders"][then.homes["state"] == "covered"].sum())
    if plan is not None and (len(plan.sites) or plan.closed) and plan.elders_covered != walked_to:
        raise RuntimeError(f"the plan says {plan.elders_covered} elders are covered, the walk says {walked_to}")


def _changes(here: Today, verdicts_after: tuple[Verdict, ...]) -> tuple[Changes, ...]:
    """Return what becomes of the verdicts after the plan, then what they were or will be on the days compared."""
    day, verdicts = here.now.day, here.judged.verdicts
    found = [compared(pair("changes.plan", day=day), verdicts, verdicts_after)] if verdicts_after else []
    for other, then in here.other_days.items():
        early, late = ((other, then), (day, verdicts)) if other < day else ((day, verdicts), (other, then))
        found.append(compared(pair("changes.days", before=early[0], after=late[0]), early[1], late[1]))
    return tuple(found)
