"""What can be wrong between the parts of a pack that are each well formed: references, doubles, sums and bands."""

from collections.abc import Iterable, Iterator, Mapping

from gis.errors import Finding
from policy.choices import Open, Value, near
from policy.pack import Policy
from policy.places import Places
from policy.rule import Rule
from policy.written import is_choice

_NUMBERS = frozenset({"whole", "number", "days", "m2"})
_LIMITS = _NUMBERS | {"share"}
_CONTENTS: Mapping[str, frozenset[str]] = {
    "kinds": frozenset({"kinds"}),
    "walk_kinds": frozenset({"kinds"}),
    "walk_statuses": frozenset({"statuses"}),
    "statuses": frozenset({"statuses"}),
    "operator_types": frozenset({"operator_types"}),
    "reached": frozenset({"share"}),
}
"""Of what sort the choice must be that stands for an argument; for every other argument it is a number."""


def pack_faults(policy: Policy, where: Places) -> list[Finding]:
    """Return every fault between the parts of a pack, each with its place."""
    faults: list[Finding] = []
    ids = [rule.id for rule in policy.rules]
    plain = {rule.id for rule in policy.rules if not rule.same_as}
    named = {term.name for term in policy.terms} | {room.name for room in policy.room_classes}
    named |= {benefit.id for benefit in policy.benefits} | {group.id for group in policy.groups}
    if not ids and not policy.terms:
        faults.append(where.fault("PACK_REQUIRED", found="rule"))
    for number, rule in enumerate(policy.rules):
        place = ("rule", number)
        if rule.id in ids[:number]:
            faults.append(where.fault("PACK_RULE_TWICE", *place))
        faults += [where.fault("PACK_REFERENCE", *place, "same_as", found=i) for i in rule.same_as if i not in plain]
        faults += [
            where.fault("PACK_REFERENCE", *place, "terms", found=near(name, sorted(named)))
            for name in rule.terms
            if name not in named
        ]
        faults += _open_references(rule, policy.choices, place, where)
        faults += _undecided(rule, policy, place, where)
    faults += _doubles(policy, where)
    if not faults:
        defaults = {name: choice.default for name, choice in policy.choices.items()}
        faults += [f for n, rule in enumerate(policy.rules) for f in _point_faults(rule, defaults, ("rule", n), where)]
    return [*faults, *_score_faults(policy, where)]


def _open_references(
    rule: Rule, offered: Mapping[str, Open], place: tuple[str, int], where: Places
) -> Iterator[Finding]:
    asked: list[tuple[tuple[str, ...], object, frozenset[str]]] = []
    for reading, measure in rule.measures().items() if not rule.same_as else ():
        path: tuple[str, ...] = ("measure",) if rule.measure is not None else ("readings", reading)
        keys = sorted(measure.model_fields_set)
        asked += [((*path, key), getattr(measure, key), _CONTENTS.get(key, _LIMITS)) for key in keys]
    asked += [(("facilities", key), value, _CONTENTS.get(key, _LIMITS)) for key, value in rule.facilities or ()]
    tests = [("test", rule.test), *(("bands", band) for band in rule.bands), *(("gaps", gap) for gap in rule.gaps)]
    for part, limits in tests:
        if limits is not None:
            ends = ("at_least", "above", "at_most", "below")
            asked += [((part, end), getattr(limits, end), _LIMITS) for end in ends]
    for path, value, contents in asked:
        if is_choice(value) and (str(value)[1:] not in offered or offered[str(value)[1:]].content not in contents):
            nearest = near(value, [f"${name}" for name in offered])
            yield where.fault("PACK_REFERENCE", *place, *path, found=nearest)


def _undecided(rule: Rule, policy: Policy, place: tuple[str, int], where: Places) -> Iterator[Finding]:
    """Yield a choice between readings that does not name just those the rule has.

    Where the readings differ in more than the measure, a row of the document is several rules (`A-1`, `A-1.1`, ...)
    with a part of the readings each; together they have them all.
    """
    if rule.decided_by is None:
        return
    row = rule.id.split(".")[0]
    read = {
        name
        for other in policy.rules
        if other.decided_by == rule.decided_by and other.id.split(".")[0] == row
        for name in other.readings
    }
    decided = policy.choices.get(rule.decided_by)
    if decided is None or set(decided.allowed) != read:
        yield where.fault("PACK_REFERENCE", *place, "decided_by", found=rule.decided_by)


def _doubles(policy: Policy, where: Places) -> Iterator[Finding]:
    """Yield names of figures, classes, benefits and groups that are given twice, and groups of no benefit there is."""
    parts: Mapping[str, Iterable[str]] = {
        "term": [term.name for term in policy.terms],
        "room_class": [room.name for room in policy.room_classes],
        "benefit": [benefit.id for benefit in policy.benefits],
        "group": [group.id for group in policy.groups],
    }
    for part, names in parts.items():
        seen: set[str] = set()
        for number, name in enumerate(names):
            if name in seen:
                yield where.fault("PACK_NAME_TWICE", part, number, found=name)
            seen.add(name)
    for number, group in enumerate(policy.groups):
        if group.benefit is not None and group.benefit not in parts["benefit"]:
            nearest = near(group.benefit, list(parts["benefit"]))
            yield where.fault("PACK_REFERENCE", "group", number, "benefit", found=nearest)


def _point_faults(rule: Rule, values: Mapping[str, Value], place: tuple[str, int], where: Places) -> Iterator[Finding]:
    """Yield bands that do not hold together, and a score table's points that are not the most the rule can earn."""
    if rule.same_as:
        return
    try:
        rule.scale(values)
    except ValueError as wrong:
        yield where.fault("PACK_BANDS", *place, found=wrong)
    earned = [band.points for band in rule.bands] or list(rule.allowed_points)
    if rule.score is not None and max(earned, default=rule.score.most) != rule.score.most:
        yield where.fault("PACK_TOTAL", *place, "score", found=f"{rule.score.most} / {max(earned)}")


def _score_faults(policy: Policy, where: Places) -> Iterator[Finding]:
    table = policy.score_table
    if table is None:
        for number, rule in enumerate(policy.rules):
            if rule.score is not None:
                yield where.fault("PACK_REQUIRED", "rule", number, "score", found="score_table")
        return
    if sum(table.items) != table.total:
        yield where.fault("PACK_TOTAL", "score_table", found=f"{sum(table.items)} / {table.total}")
    for item, most in enumerate(table.items, start=1):
        given = sum(r.score.most for r in policy.rules if r.score is not None and r.score.item == item)
        if given > most:
            yield where.fault("PACK_TOTAL", "score_table", "items", item - 1, found=f"{given} / {most}")
