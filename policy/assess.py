"""The evaluator: every rule of the policies judged on the evidence of one city."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from gis.errors import Finding
from policy.choices import Value, settled
from policy.counting import counts
from policy.evidence import Evidence
from policy.four_sync import check_housing
from policy.ground import Answer, Ground, for_pack
from policy.judge import Case, Judged, case_of, judge, overall
from policy.measure import Measured
from policy.pack import Policy
from policy.phrases import named, phrase
from policy.record import Writer
from policy.rule import Rule
from policy.survey import survey
from policy.told import FORMS, answer_faults, tell
from policy.units import Unit, units_at, unplaced
from policy.verdict import Pair, Status, Verdict


@dataclass(frozen=True)
class Judgement:
    """The verdicts of several policies, and what is wrong with the answers persons gave."""

    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...] = ()


def assess(
    policy: Policy, evidence: Evidence, *, as_of: date, choices: Mapping[str, object] | None = None
) -> tuple[Verdict, ...]:
    """Judge every rule of a policy on the evidence, as things stand on `as_of`.

    Verdicts come in the order of the pack's rules, the city before its units, units by code. `choices` replaces
    defaults of `policy.choices`. Where a rule has several readings each is judged, the chosen one first; `decides`
    marks it.
    Raises InputError (CHOICE_UNKNOWN, CHOICE_VALUE) for a choice the policy does not have or allow.
    """
    return assess_all([policy], evidence, as_of=as_of, choices=choices).verdicts


def assess_all(
    policies: Sequence[Policy], evidence: Evidence, *, as_of: date, choices: Mapping[str, object] | None = None
) -> Judgement:
    """Judge the rules of several policies on the same evidence, and check the answers of persons against them all.

    A choice goes to every policy that offers it. Raises InputError (CHOICE_UNKNOWN, CHOICE_VALUE) for a choice that no
    policy offers or that one of them does not allow.
    """
    given = choices or {}
    strange = set(given).difference(*(policy.choices for policy in policies))
    ground = survey(evidence)
    day = as_of.date() if isinstance(as_of, datetime) else as_of
    verdicts: list[Verdict] = []
    grounds: dict[str, Ground] = {}
    for policy in policies:
        # One that no policy offers is left to the first, which refuses it.
        own = {n: value for n, value in given.items() if n in policy.choices or (n in strange and not verdicts)}
        values = settled(policy.choices, own, place=policy.name)
        reading = str(values["zone_reading"])
        checks = check_housing(evidence.housing, policy, day, choices=own) if len(evidence.housing) else ()
        grounds[policy.name] = for_pack(ground, zones=policy.zones, names=policy.names, reading=reading, checks=checks)
        cases = (case for rule in policy.rules for case in _cases(policy, rule, values, day))
        verdicts += _in_order(policy, cases, grounds[policy.name])
    return Judgement(tuple(verdicts), tuple(_answers_checked(policies, ground.answers, grounds, verdicts)))


def _cases(policy: Policy, rule: Rule, values: Mapping[str, Value], day: date) -> Iterator[Case]:
    """Yield a rule under each of its readings, the chosen one first; a rule of figures alone has none."""
    if rule.same_as or rule.form == "terms":
        return
    decided = values.get(rule.decided_by or "")
    readings = sorted(rule.measures(), key=lambda name: name != decided) or [rule.form]
    for reading in readings:
        yield case_of(policy, rule, reading, values, day)


def _in_order(policy: Policy, cases: Iterable[Case], ground: Ground) -> Iterator[Verdict]:
    judged: dict[str, list[Verdict]] = {rule.id: [] for rule in policy.rules}
    for case in cases:
        judged[case.rule.id] += _judge_rule(case, ground)
    for rule in policy.rules:
        yield from judged[rule.id]
        for other in rule.same_as:
            coarsest = judged[other][0].level if judged[other] else ""
            yield from (_repeat(rule, v) for v in judged[other] if v.level == coarsest)


def _judge_rule(case: Case, ground: Ground) -> Iterator[Verdict]:
    rule = case.rule
    writer = Writer(case)
    only, towns = (_all_names(names, case.policy) for names in (rule.only, rule.towns))
    for level in rule.levels:
        units, left_out = units_at(
            ground, level, where=rule.where, street_level=rule.street_level, only=only, towns=towns, what=case.what
        )
        lost = unplaced(ground, level)
        judged = [tell(case, unit, ground) if rule.form in FORMS else judge(case, unit) for unit in units]
        if rule.summary:
            remarks = [named("note_left_out", left_out)] if left_out else []
            whole = overall(case, judged, city=ground.names["city", "city"], unplaced=lost)
            yield writer.verdict(whole, *remarks, *_outside(case, ground), summary=True)
        elif lost and not (only and units):
            nowhere = Unit(level, "", "、".join(rule.only), applies=None)
            unknown = Measured("", missing=lost, void=Status.UNKNOWN)
            yield writer.verdict(Judged(nowhere, unknown, Status.UNKNOWN))
        elif not units:
            nowhere = Unit(level, "", "、".join((*rule.only, *rule.towns)))
            none = Judged(nowhere, Measured("", void=Status.NOT_APPLICABLE), Status.NOT_APPLICABLE)
            yield writer.verdict(none, phrase("note_no_unit" if only else "note_no_units"))
        outside = _outside(case, ground) if level == "city" else ()
        for one in judged:
            yield writer.verdict(one, *outside)


def _all_names(names: Iterable[str], policy: Policy) -> frozenset[str]:
    return frozenset(
        name for known in names for name in (known, *policy.names.get(known, ()), *policy.zones.get(known, ()))
    )


def _repeat(rule: Rule, verdict: Verdict) -> Verdict:
    """Return a verdict again under the rule that states the same demand a second time; it is not counted twice."""
    return replace(
        verdict,
        rule_id=rule.id,
        clause=rule.clause,
        title=rule.title.pair,
        note=phrase("note_repeats", rule=verdict.rule_id),
        responsible=rule.responsible,
        remark=rule.remark.pair if rule.remark else ("", ""),
        decides=False,
        score=None,
        repeats=verdict.rule_id,
    )


def _outside(case: Case, ground: Ground) -> tuple[Pair, ...]:
    """Return the remark on facilities that would count but stand in no community of the city."""
    if not case.counts_facilities:
        return ()
    names = [f.name for f in ground.facilities if f.outside and counts(f, case.what) is not False]
    return (named("note_outside", names),) if names else ()


def _answers_checked(
    policies: Sequence[Policy],
    answers: Mapping[tuple[str, str], Answer],
    grounds: Mapping[str, Ground],
    verdicts: Iterable[Verdict],
) -> list[Finding]:
    if not answers:
        return []
    judged: dict[str, set[str]] = {}
    for v in verdicts:
        names = {"city"} if v.level == "city" else set(grounds[v.pack].known_as(v.unit_id, v.unit_name))
        judged.setdefault(v.rule_id, set()).update(names)
    return answer_faults(policies, answers, judged)
