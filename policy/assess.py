"""The evaluator: every rule of a policy judged on the evidence of one city."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from policy.bands import answer, goal, needed
from policy.choices import settled, shown
from policy.counting import counts
from policy.evidence import Evidence
from policy.ground import Ground, Level
from policy.judge import Case, Judged, case_of, counting, judge, overall
from policy.measure import Measured
from policy.pack import Policy
from policy.phrases import Pair, demanded_words, measured_words, named, notes, phrase
from policy.rule import Rule
from policy.survey import survey
from policy.units import Unit, units_at
from policy.verdict import Shortfall, Status, Verdict
from policy.written import is_choice

_SHORT = {Status.FAIL, Status.NOT_DUE, Status.EXCEPTION_NEEDED, Status.BOUNDARY, Status.UNDEFINED}


def assess(
    policy: Policy, evidence: Evidence, *, as_of: date, choices: Mapping[str, object] | None = None
) -> tuple[Verdict, ...]:
    """Judge every rule of a policy on the evidence, as things stand on `as_of`.

    Verdicts come in the order of the pack's rules, the city before its units, units by code. `choices` replaces
    defaults of `policy.choices`. Where a rule has several readings each is judged, the chosen one first; `decides`
    marks it.
    Raises InputError (CHOICE_UNKNOWN, CHOICE_VALUE) for a choice the policy does not have or allow.
    """
    values = settled(policy.choices, choices or {}, place=policy.name)
    ground = survey(evidence)
    day = as_of.date() if isinstance(as_of, datetime) else as_of
    judged: dict[str, list[Verdict]] = {}
    for rule in policy.rules:
        if not rule.same_as:
            judged[rule.id] = [
                verdict
                for reading in sorted(rule.measures(), key=lambda name: name != values.get(rule.decided_by or ""))
                for verdict in _judge_rule(policy, case_of(rule, reading, values, day), ground)
            ]
    for rule in policy.rules:
        if rule.same_as:
            judged[rule.id] = [_repeat(rule, v) for other in rule.same_as for v in judged[other] if v.level == "city"]
    return tuple(verdict for rule in policy.rules for verdict in judged[rule.id])


def _judge_rule(policy: Policy, case: Case, ground: Ground) -> Iterable[Verdict]:
    rule = case.rule
    only = {name for known in rule.only for name in (known, *policy.names.get(known, ()))}
    for level in rule.levels:
        units, left_out = units_at(ground, level, where=rule.where, street_level=rule.street_level, only=only)
        unplaced = _unplaced(ground, level)
        judged = [judge(case, unit) for unit in units]
        if rule.summary:
            remarks = [named("note_left_out", left_out)] if left_out else []
            whole = overall(case, judged, city=ground.names["city", "city"], unplaced=unplaced)
            yield _verdict(policy, case, whole, *remarks, *_outside(case, ground), summary=True)
        elif unplaced and not (only and units):
            nowhere = Unit(level, "", "、".join(rule.only), applies=None)
            lost = Measured("", missing=unplaced, void=Status.UNKNOWN)
            yield _verdict(policy, case, Judged(nowhere, lost, Status.UNKNOWN))
        elif not units:
            nowhere = Unit(level, "", "、".join(rule.only))
            none = Judged(nowhere, Measured("", void=Status.NOT_APPLICABLE), Status.NOT_APPLICABLE)
            reason = "note_no_unit" if only else "note_no_units"
            yield _verdict(policy, case, none, phrase(reason))
        for one in judged:
            yield _verdict(policy, case, one, *(_outside(case, ground) if level == "city" else ()))


def _verdict(policy: Policy, case: Case, judged: Judged, *remarks: Pair, summary: bool = False) -> Verdict:
    rule, measured = case.rule, judged.measured
    target = goal(case.scale)
    decides = rule.decided_by is None or case.values[rule.decided_by] == case.reading
    if not decides:
        remarks = (*remarks, phrase("note_other_reading"))
    certain = judged.status is not Status.UNKNOWN and measured.void is None
    limit = measured.whole if summary else (target.high if target.low is None else target.low)
    least = measured.whole if summary else needed(target, measured.whole)
    short = (least or 0) - measured.part
    shortfall = None
    if certain and judged.status in _SHORT and short > 0:
        shortfall = Shortfall(short, measured.counted, measured.lacking)
        remarks = (*remarks, phrase("note_range")) if measured.missing else remarks
    return Verdict(
        rule_id=rule.id,
        pack=policy.name,
        document=policy.document.cite,
        clause=rule.clause,
        title=rule.title.pair,
        level=judged.unit.level,
        unit_id=judged.unit.id,
        unit_name=judged.unit.name,
        reading=case.reading,
        status=judged.status,
        value=measured.low if certain else None,
        limit=limit,
        measured=measured_words(measured),
        demanded=demanded_words(case, measured if summary else None),
        shortfall=shortfall,
        scores=judged.points,
        missing=tuple(dict.fromkeys(measured.missing)),
        choices=_used(case, judged),
        note=notes(case, judged, *remarks),
        decides=decides,
    )


def _used(case: Case, judged: Judged) -> tuple[str, ...]:
    """Return the choices this verdict rests on, as `name = value`."""
    rule, measured = case.rule, judged.measured
    texts = [getattr(case.measure, key) for key in sorted(case.measure.model_fields_set)]
    texts += [value for limits in (rule.test, *rule.bands, *rule.gaps) if limits for _, value in limits]
    names = [str(text)[1:] for text in texts if is_choice(text)]
    names += [rule.decided_by] if rule.decided_by else []
    names += ["points_that_pass"] if rule.bands else []
    if measured.void is None and answer(case.raw, measured.low, measured.high)[0] is Status.BOUNDARY:
        names.append("boundary_reading")
    return tuple(shown(name, case.values[name]) for name in dict.fromkeys(names))


def _repeat(rule: Rule, verdict: Verdict) -> Verdict:
    """Return a verdict again under the rule that states the same demand a second time; it is not counted twice."""
    return replace(
        verdict,
        rule_id=rule.id,
        clause=rule.clause,
        title=rule.title.pair,
        note=phrase("note_repeats", rule=verdict.rule_id),
        decides=False,
    )


def _unplaced(ground: Ground, level: Level) -> tuple[str, ...]:
    if level == "city":
        return ()
    return tuple(f"communities.{level}: {c.name}" for c in ground.communities if c.keys[level] is None)


def _outside(case: Case, ground: Ground) -> tuple[Pair, ...]:
    """Return the remark on facilities that would count but stand in no community of the city."""
    if "kinds" not in case.measure.model_fields_set:
        return ()
    what = counting(case, case.as_of)
    names = [f.name for f in ground.facilities if f.outside and counts(f, what) is not False]
    return (named("note_outside", names),) if names else ()
