"""One study of a city: who is covered today, what the documents say of it, where to build, and who is covered then."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import geopandas as gpd
import pandas as pd

from circle15.city import City
from circle15.doubts import Doubts, at_most, doubt_tables, doubts, hanging_on_the_map
from circle15.evidence import centre_coverage, evidence_of
from circle15.measures import Measures, measure_tables, measures
from circle15.notes import as_of, notes
from circle15.project import Project
from circle15.sites import buildable, by_community, siting_faults, siting_rules
from gis.coverage import coverage, coverage_by_speed, coverage_by_unit, located
from gis.errors import Finding, refuse
from gis.isochrone import isochrones
from gis.reach import reach
from gis.snap import snap
from gis.tables import SERVING_KINDS
from gis.words import Language, say
from maps.atlas import Atlas
from optimise.plan import Plan
from optimise.site import site
from policy.assess import assess
from policy.load import load_pack
from policy.verdict import Verdict

Progress = Callable[[str], None]
"""Told the catalogue key of each stage as it begins."""


@dataclass(frozen=True)
class Study:
    """The result of one study, stage by stage.

    `walks`: `demand_id`, `facility_id`, `minutes` (facilities that count, up to the longest walk). `homes` and `units`
    as from `coverage` and `coverage_by_unit`, with `state_after` and `elders_covered_15_after` ... for the plan.
    `areas`: walking areas by `minutes` and `when`. `plan` is None where there is no budget or no candidate.
    """

    city: City
    serving: gpd.GeoDataFrame
    walks: pd.DataFrame
    homes: gpd.GeoDataFrame
    units: pd.DataFrame
    speeds: pd.DataFrame
    areas: gpd.GeoDataFrame
    verdicts: tuple[Verdict, ...]
    plan: Plan | None
    measures: Measures
    doubts: Doubts
    findings: tuple[Finding, ...]

    @property
    def project(self) -> Project:
        """The project that was studied."""
        return self.city.project

    def atlas(self) -> Atlas:
        """Return everything there is to show."""
        city, project = self.city, self.project
        return Atlas(
            name=project.name,
            crs=city.crs,
            language=project.output.language,
            minutes=project.walking.minutes,
            streets=city.network.streets(),
            base=city.ground,
            communities=city.communities,
            units=self.units,
            homes=self.homes,
            facilities=city.facilities,
            candidates=city.candidates,
            housing=city.housing,
            areas=self.areas,
            plan=self.plan,
            verdicts=self.verdicts,
            findings=self.findings,
            ledgers=city.ledgers,
            notes=notes(self.city),
            speeds=self.speeds,
            measures=(
                *measure_tables(
                    self.measures, self.serving, minutes=project.walking.minutes, language=project.output.language
                ),
                *doubt_tables(self.doubts, minutes=max(project.walking.minutes), language=project.output.language),
            ),
            trust=self.doubts.trust,
            catchments=self.measures.catchments,
        )


def study(city: City, *, progress: Progress = lambda _: None) -> Study:
    """Return the study of a city, computed from what was read; nothing is written.

    Raises InputError for a budget in the wrong unit or a pack that cannot be read.
    """
    project, network = city.project, city.network
    walking = project.walking
    longest, day = max(walking.minutes), as_of(project)

    progress("stage.reach")
    facilities = serving(city.facilities, day)
    doors = {"max_connector_m": walking.max_connector_m, "barriers": city.barriers}
    at_homes = snap(network, city.homes.frame, **doors)
    at_facilities = snap(network, facilities, **doors)
    fastest = max(walking.speed_m_s, *walking.compare_speeds, 0)
    refuse(_not_on_streets(city, at_homes, at_facilities))
    far_walks = reach(
        network, at_homes, at_facilities, minutes=longest * fastest / walking.speed_m_s, speed_m_s=walking.speed_m_s
    )
    walks = far_walks[far_walks["minutes"] <= longest].reset_index(drop=True)

    progress("stage.coverage")
    known = located(network, at_homes, at_facilities)
    homes = coverage(city.homes.frame, walks, facilities, known, minutes=walking.minutes)
    units = coverage_by_unit(homes, city.communities, minutes=walking.minutes)
    speeds = coverage_by_speed(
        homes,
        far_walks,
        minutes=longest,
        speed_m_s=walking.speed_m_s,
        speeds=sorted({*walking.compare_speeds, walking.speed_m_s}),
    )
    findings = [
        *city.findings,
        *_off_the_map(at_facilities, "FACILITY_OFF"),
        *_unknown_homes(homes, project.output.language),
    ]
    if not len(facilities):
        findings.append(Finding("FACILITY_NONE", "warn", project.inputs.facilities.path, f"0 / {len(city.facilities)}"))

    found = measures(
        city,
        facilities=facilities,
        at_homes=at_homes,
        at_facilities=at_facilities,
        walks=walks,
        homes=homes,
        units=units,
    )

    progress("stage.doubts")
    doubted = doubts(city, facilities=facilities, at_homes=at_homes, at_facilities=at_facilities, homes=homes)
    findings += doubted.findings

    progress("stage.assess")
    centres = centre_coverage(city, walks, facilities, at_homes=at_homes, at_facilities=at_facilities)
    verdicts = hanging_on_the_map(
        _verdicts(city, units, centres, day),
        _verdicts(city, at_most(units, doubted.links, minutes=longest), centres, day),
    )

    progress("stage.site")
    candidates, left_out = buildable(city.candidates)
    at_candidates = snap(network, candidates, **doors)
    refuse(siting_faults(project.siting, candidates, city.candidates))
    findings += [*left_out, *_off_the_map(at_candidates, "CANDIDATE_OFF")]
    pairs = reach(
        network,
        at_homes,
        at_candidates,
        minutes=longest,
        speed_m_s=walking.speed_m_s,
        names=("demand_id", "candidate_id"),
    )
    plan = None
    if len(candidates) and (project.siting.budget_yuan or project.siting.objective == "cover_all"):
        plan = site(
            homes.assign(covered=homes["state"] == "covered")[["elders", "covered"]],
            pairs,
            candidates,
            rules=siting_rules(city, facilities, candidates),
            time_limit_s=project.siting.time_limit_s,
            language=project.output.language,
        )
        plan = by_community(plan, homes, city.communities)

    progress("stage.after")
    chosen = pd.Index([]) if plan is None else plan.sites.index
    new_name = "candidate/{}".format  # a candidate may bear the number of a facility
    new_walks = pairs[pairs["candidate_id"].isin(chosen)]
    new_walks = new_walks.assign(facility_id=new_walks["candidate_id"].map(new_name)).drop(columns="candidate_id")
    kinds = pd.concat([facilities[["kind"]], candidates.loc[chosen, ["kind"]].rename(new_name)])
    at_all = pd.concat([at_facilities, at_candidates.loc[chosen]])
    then = coverage(
        city.homes.frame,
        pd.concat([walks, new_walks]),
        kinds,
        located(network, at_homes, at_all),
        minutes=walking.minutes,
    )
    _agree(plan, then)
    units_then = coverage_by_unit(then, city.communities, minutes=walking.minutes)
    stages = {"today": at_facilities} | ({"after": at_all} if len(chosen) else {})
    areas = [
        isochrones(network, at, minutes=walking.minutes, speed_m_s=walking.speed_m_s, together=True).assign(when=when)
        for when, at in stages.items()
    ]
    return Study(
        city=city,
        serving=facilities,
        walks=walks,
        homes=homes.assign(state_after=then["state"], minutes_after=then["minutes"]),
        units=_beside(units, units_then, walking.minutes),
        speeds=speeds,
        areas=gpd.GeoDataFrame(pd.concat(areas, ignore_index=True))[["when", "minutes", "geometry"]],
        verdicts=verdicts,
        plan=plan,
        measures=found,
        doubts=doubted,
        findings=tuple(findings),
    )


def _beside(units: pd.DataFrame, then: pd.DataFrame, minutes: tuple[int, ...]) -> pd.DataFrame:
    """Return coverage by unit with what it will be after the plan beside it."""
    names = (*(f"elders_covered_{m}" for m in minutes), "elders_unknown")
    return units.assign(**{f"{name}_after": then[name] for name in names})


def _verdicts(city: City, units: pd.DataFrame, centres: pd.DataFrame, day: date) -> tuple[Verdict, ...]:
    """Return what the documents say of a coverage by unit, and of that by comprehensive centres."""
    project = city.project
    evidence = evidence_of(city, units, centres)
    return tuple(
        verdict
        for name in project.policy.packs
        for verdict in assess(load_pack(_pack(project, name)), evidence, as_of=day, choices=project.policy.choices)
    )


def serving(facilities: gpd.GeoDataFrame, day: date) -> gpd.GeoDataFrame:
    """Return the facilities that make up the care circle on a day: of a kind that counts, in use, opened by then.

    A facility in use without an opening date counts.
    """
    opened = facilities["opened"].isna() | (facilities["opened"] <= pd.Timestamp(day))
    counts = facilities["kind"].isin(SERVING_KINDS) & (facilities["status"] == "in_use").fillna(value=False) & opened
    return facilities[counts.to_numpy(dtype=bool)]


def _pack(project: Project, name: str) -> str:
    """Return a pack of the bureau's own (a file beside the project) by its path, a bundled one by its name."""
    own = project.path(name)
    return str(own) if name.endswith(".toml") and own.is_file() else name


def _off_the_map(snapped: pd.DataFrame, code: str) -> list[Finding]:
    """Say which facilities or candidates no street leads to."""
    return [Finding(code, "warn", str(key)) for key in snapped.index[snapped["edge"] < 0]]


def _not_on_streets(city: City, homes: pd.DataFrame, facilities: pd.DataFrame) -> list[Finding]:
    """Refuse homes or facilities none of which a street leads to: other streets, another CRS, another datum."""
    inputs = city.project.inputs
    where = {(inputs.residents or inputs.communities).path: homes, inputs.facilities.path: facilities}
    return [
        Finding("NOT_ON_STREETS", "reject", place, f"0 / {len(snapped)}", allowed=inputs.streets.path)
        for place, snapped in where.items()
        if len(snapped) and (snapped["edge"] < 0).all()
    ]


def _unknown_homes(homes: gpd.GeoDataFrame, language: Language) -> list[Finding]:
    """Say how many homes and elders the map cannot place."""
    unknown = homes[homes["state"] == "unknown"]
    found = f"{len(unknown)} / {int(unknown['elders'].sum())} {say('label.elders', language)}"
    return [Finding("HOME_UNKNOWN", "warn", "residents", found, len(unknown))] if len(unknown) else []


def _agree(plan: Plan | None, then: gpd.GeoDataFrame) -> None:
    """Refuse a plan whose figure is not what walking to its sites gives."""
    walked = int(then["elders"][then["state"] == "covered"].sum())
    if plan is not None and len(plan.sites) and plan.elders_covered != walked:
        raise RuntimeError(f"the plan says {plan.elders_covered} elders are covered, the walk says {walked}")


def with_siting(city: City, **changes: object) -> City:
    """Return the same city with other siting parameters, for a what-if without reading again."""
    siting = city.project.siting.model_copy(update=changes)
    return replace(city, project=city.project.model_copy(update={"siting": siting}))
