"""What only a person can tell: questions with yes, no or points, and days by which something was done.

An answer counts for the rule and the unit it names. Nothing is concluded from an answer that is not there, and an
answer to a rule that is computed is refused: a person cannot overrule a computation silently.
"""

from collections.abc import Iterator, Mapping, Sequence

from gis.errors import Finding
from gis.words import say
from policy.choices import near
from policy.ground import Answer, Ground
from policy.judge import Case, Judged
from policy.measure import Measured
from policy.pack import Policy
from policy.rule import Rule
from policy.units import Unit
from policy.verdict import Said, Status

_ANY = "some"
FORMS = frozenset({"manual", "milestone", "checklist"})
"""The forms of rules a person answers."""


def tell(case: Case, unit: Unit, ground: Ground) -> Judged:
    """Return the answer for one unit from what a person said of it."""
    rule = case.rule
    answer = said_of(rule, unit, ground)
    by_day = rule.deadline is not None and rule.answer != "points"
    status, points = _by_day(case, answer) if by_day else _by_word(case, answer)
    if unit.applies is None:
        status = Status.UNKNOWN
    asked = "day" if by_day and answer is not None and answer.answer else "answer"
    missing = (f"answers.{asked}: {unit.name}",) if status is Status.UNKNOWN else ()
    value = points[0] if len(points) == 1 else 0
    measured = Measured("", value, value, None, value, value, missing=missing)
    said = Said(lambda language: _in_words(answer, language))
    return Judged(unit, measured, status, points, said=said)


def said_of(rule: Rule, unit: Unit, ground: Ground) -> Answer | None:
    """Return the answer for a rule and a unit, by its code or any of its names; None where nothing was said."""
    if not ground.answers:
        return None
    names = ("city",) if unit.level == "city" else ground.known_as(unit.id, unit.name)
    found = (ground.answers.get((rule.id, name)) for name in names)
    return next((answer for answer in found if answer is not None and answer != Answer()), None)


def _by_day(case: Case, answer: Answer | None) -> tuple[Status, tuple[int, ...]]:
    """Return the answer of a milestone: a day, or no. A day still to come is a plan, and nothing is done yet.

    A day beside a no is the day it was asked, not the day it was done.
    """
    deadline = case.rule.deadline or case.as_of
    over = case.as_of > deadline
    points = case.rule.allowed_points
    most, none = points[:1], points[-1:]
    denied = answer is not None and answer.answer is False
    day = None if answer is None or denied else answer.day
    if day is not None and day <= case.as_of:
        return (Status.PASS, most) if day <= deadline else (_failed(case), none)
    if answer is not None and answer.answer and day is None:
        # Done, on a day not told: in time if the deadline is still to come.
        return (Status.UNKNOWN, points) if over else (Status.PASS, most)
    if not over:
        return Status.NOT_DUE, points
    return (_failed(case), none) if denied or day is not None else (Status.UNKNOWN, points)


def _by_word(case: Case, answer: Answer | None) -> tuple[Status, tuple[int, ...]]:
    rule, points = case.rule, case.rule.allowed_points
    if rule.answer == "points":
        given = None if answer is None else answer.points
        if given not in points:
            return Status.UNKNOWN, points
        enough = given == points[0] or (case.values["points_that_pass"] == _ANY and given)
        return (Status.PASS if enough else Status.FAIL), (given,)
    done = None if answer is None else _done(answer)
    if done is None:
        return Status.UNKNOWN, points
    return (Status.PASS, points[:1]) if done else (_failed(case), points[-1:])


def _done(answer: Answer) -> bool | None:
    return True if answer.answer is None and answer.day is not None else answer.answer


def _failed(case: Case) -> Status:
    return Status.EXCEPTION_NEEDED if case.rule.principle else Status.FAIL


def _in_words(answer: Answer | None, language: str) -> str:
    if answer is None:
        return say("policy.told_nothing", language)
    parts = [] if answer.answer is None else [say(f"policy.{'yes' if answer.answer else 'no'}", language)]
    parts += [] if answer.points is None else [say("policy.told_points", language, points=answer.points)]
    parts += [] if answer.day is None else [str(answer.day)]
    parts += [text for text in (answer.reason, answer.evidence) if text]
    return say("policy.told", language, answer=say("policy.list", language).join(parts))


def answer_faults(
    policies: Sequence[Policy], answers: Mapping[tuple[str, str], Answer], judged: Mapping[str, set[str]]
) -> list[Finding]:
    """Return what is wrong with the answers of persons: rules that are computed or unknown, units, values.

    `judged` holds the names of the units each rule was judged on. ANSWER_COMPUTED and ANSWER_VALUE refuse the answer;
    the others say that it was not used.
    """
    rules = {rule.id: rule for policy in policies for rule in policy.rules}
    faults: list[Finding] = []
    # A row that names its unit by code and by name stands under both.
    rows: dict[tuple[str, int], list[str]] = {}
    for (rule_id, unit), answer in answers.items():
        rows.setdefault((rule_id, id(answer)), []).append(unit)
    for (rule_id, _), units in rows.items():
        answer = answers[rule_id, units[0]]
        place = f"answers/{rule_id}"
        if rule_id not in rules:
            faults.append(Finding("ANSWER_RULE", "warn", place, near(rule_id, list(rules))))
            continue
        rule = rules[rule_id]
        if rule.form not in FORMS or rule.same_as:
            faults.append(Finding("ANSWER_COMPUTED", "reject", place, ", ".join(units)))
            continue
        if not judged.get(rule_id, set()).intersection(units):
            faults.append(Finding("ANSWER_UNIT", "warn", place, ", ".join(units)))
        faults += [Finding("ANSWER_VALUE", "reject", place, found) for found in _wrong(rule, answer)]
    return faults


def _wrong(rule: Rule, answer: Answer) -> Iterator[str]:
    """Yield what in an answer is not of the kind the rule asks for."""
    if answer == Answer():
        yield "-"
    elif rule.answer == "points":
        if answer.points not in rule.allowed_points:
            yield f"{'-' if answer.points is None else answer.points} ({', '.join(map(str, rule.allowed_points))})"
    elif answer.points is not None:
        yield str(answer.points)
    elif rule.answer == "yes_no" and answer.answer is None and answer.day is None:
        yield "-"
