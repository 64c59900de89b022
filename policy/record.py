"""Writing an answer down as a verdict: exact value and limit, what is missing, and the words for them."""

from fractions import Fraction
from typing import Any

from policy.bands import Exact, needed
from policy.judge import Case, Judged
from policy.measure import Measured
from policy.phrases import demanded_words, measured_words, notes, number_text, phrase
from policy.verdict import Count, Item, Pair, Shortfall, Status, Verdict

_SHORT = {Status.FAIL, Status.NOT_DUE, Status.EXCEPTION_NEEDED, Status.BOUNDARY, Status.UNDEFINED}


class Writer:
    """Writes the verdicts of one rule under one reading; what is the same for all its units is put together once."""

    def __init__(self, case: Case) -> None:
        """Take the rule made ready to be judged."""
        rule, pack = case.rule, case.policy
        self._case = case
        self._demanded = demanded_words(case)
        self._remarks = () if case.decides else (phrase("note_other_reading"),)
        self._same: dict[str, Any] = {
            "rule_id": rule.id,
            "pack": pack.name,
            "document": pack.document.cite,
            "clause": rule.clause,
            "title": rule.title.pair,
            "reading": case.reading,
            "decides": case.decides and rule.form != "checklist",
            "form": rule.form,
            "responsible": rule.responsible,
            "remark": rule.remark.pair if rule.remark else ("", ""),
            "score": None if rule.score is None else Item(rule.score.item, rule.score.part, rule.score.most),
            "deadline": rule.deadline,
        }

    def verdict(self, judged: Judged, *remarks: Pair, summary: bool = False) -> Verdict:
        """Return the answer for a unit, or (`summary`) for the city where every unit must meet the rule."""
        case, measured = self._case, judged.measured
        remarks = (*remarks, *self._remarks)
        known = judged.status is not Status.UNKNOWN and measured.void is None
        least = None if judged.said else _least(case, measured, summary=summary)
        ordinary = _ordinary_room(judged, case) if known and judged.status in _SHORT and not summary else None
        if ordinary is not None and ordinary > measured.part:
            remarks = (*remarks, phrase("note_room_class", least=number_text(ordinary)))
            least = ordinary
        shortfall = None
        if known and judged.status in _SHORT and least is not None and least > measured.part:
            shortfall = Shortfall(least - measured.part, measured.counted, measured.lacking)
            remarks = (*remarks, phrase("note_range")) if measured.missing else remarks
        return Verdict(
            **self._same,
            level=judged.unit.level,
            unit_id=judged.unit.id,
            unit_name=judged.unit.name,
            status=judged.status,
            value=_value(case, judged) if known else None,
            limit=_limit(case, measured, summary=summary),
            measured=judged.said or measured_words(measured),
            demanded=demanded_words(case, measured) if summary else self._demanded,
            shortfall=shortfall,
            scores=judged.points,
            missing=tuple(dict.fromkeys(measured.missing)) if measured.missing else (),
            choices=_used(case, judged),
            note=notes(case, judged, *remarks),
            count=_count(measured, least),
        )


def _value(case: Case, judged: Judged) -> Exact | None:
    """Return the exact value; none where a person said yes or no, or a report is not narrowed down to one value."""
    measured = judged.measured
    if judged.said is not None:
        return judged.points[0] if len(judged.points) == 1 else None
    return None if case.rule.form == "report" and measured.low != measured.high else measured.low


def _limit(case: Case, measured: Measured, *, summary: bool) -> Exact | None:
    if summary:
        return measured.whole
    if case.rule.stated is not None:
        return case.rule.stated
    return case.target.high if case.target.low is None else case.target.low


def _least(case: Case, measured: Measured, *, summary: bool) -> Exact | None:
    """Return the least that meets the rule, in what the measure counts; None where more of it does not help."""
    if summary:
        return measured.whole
    limit = case.target.low
    if limit is None or measured.kind == "rank":
        return None
    if measured.kind == "rate":
        least = Fraction(limit) * (measured.whole or 0) / measured.per
        return -(-least.numerator // least.denominator) if measured.counted != "m2" else least
    if measured.kind == "share":
        return needed(case.target, measured.whole)
    return limit if isinstance(measured.part, Fraction) else needed(case.target, None)


def _ordinary_room(judged: Judged, case: Case) -> Exact | None:
    """Return the least area of a room that is no exception for old estates, where that is what is lacking."""
    ordinary = [c.at_least_m2 for c in case.policy.room_classes if not c.only_old_estates]
    measured = judged.measured
    if measured.kind != "class" or measured.high != 0 or not ordinary or len(ordinary) == len(case.policy.room_classes):
        return None
    exempt = any(facility.said.get("old_estate_exempt") for facility in judged.unit.facilities)
    reached = any(measured.part >= c.at_least_m2 for c in case.policy.room_classes)
    return min(ordinary) if reached or not exempt else None


def _count(measured: Measured, least: Exact | None) -> Count | None:
    """Return how far a goal that is counted in whole things has come."""
    counted = measured.kind in {"count", "share"} and isinstance(measured.part, int) and isinstance(measured.most, int)
    if not counted or measured.void is not None or not isinstance(least, int):
        return None
    done, possible = int(measured.part), int(measured.most)
    return Count(done, possible, least, measured.whole, measured.counted, measured.lacking)


def _used(case: Case, judged: Judged) -> tuple[str, ...]:
    """Return the choices this verdict rests on, as `name = value`."""
    measured = judged.measured
    more: tuple[str, ...] = ()
    exact = measured.void is None and measured.low == measured.high
    if exact and any(point.holds(measured.low) for point in case.on_limits):
        more = ("boundary_reading",)
    if case.policy.zones and judged.unit.level in {"county", "zone"}:
        more = (*more, "zone_reading")
    return (*case.choices, *case.shown(*more)) if more else case.choices
