"""Estates that build one care room together (联合配建): who belongs together, and in whose row the room stands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from policy.housing import Housing


@dataclass(frozen=True)
class Partners:
    """An estate with those it shares a room with, in the table's order, itself among them.

    `room` is the row the room stands in where it is not the estate's own; `lost` names partners the table has not.
    """

    estates: tuple[Housing, ...]
    room: Housing | None = None
    lost: tuple[str, ...] = ()


def partners_of(records: Sequence[Housing]) -> tuple[Partners, ...]:
    """Return the partners of each record, in order. A partner is named by its row, its project or its name.

    A phase without a room of its own that names nobody shares that of the other phases of its project. Sharing goes
    both ways and on: who joins one that has joined another belongs to all of them.

    >>> a = Housing("a", "a", "甲", joint_with="b")
    >>> b = Housing("b", "b", "乙")
    >>> [[estate.name for estate in partners.estates] for partners in partners_of([a, b])]
    [['甲', '乙'], ['甲', '乙']]
    """
    phases: dict[str, list[int]] = {}
    for at, record in enumerate(records):
        if record.has_room:
            phases.setdefault(record.project_id, []).append(at)
    found = [_resolved(record, records, phases.get(record.project_id, [])) for record in records]
    group = list(range(len(records)))
    for at, (others, _) in enumerate(found):
        for other in others:
            low, high = sorted((group[at], group[other]))
            group = [low if member == high else member for member in group]
    members: dict[int, list[Housing]] = {}
    for member, record in zip(group, records, strict=True):
        members.setdefault(member, []).append(record)
    partners = []
    for at, record in enumerate(records):
        estates = tuple(members[group[at]])
        room = None
        if not record.has_room:
            named = [records[place] for place in found[at][0]]
            room = next((estate for estate in (*named, *estates) if estate.has_room), None)
        partners.append(Partners(estates, room, found[at][1]))
    return tuple(partners)


def _resolved(record: Housing, records: Sequence[Housing], phases: list[int]) -> tuple[list[int], tuple[str, ...]]:
    """Return the places of the partners a record names, and the names that nobody has."""
    if not record.joint_with and not record.has_room:
        return phases, ()
    places: list[int] = []
    lost = []
    for name in filter(None, re.split(r"[、,，;；\s]+", record.joint_with)):
        told = ("key", "project_id", "name", "title")
        ways = ([at for at, r in enumerate(records) if getattr(r, way) == name and r is not record] for way in told)
        hits = next(filter(None, ways), [])
        places += hits
        lost += [] if hits else [name]
    return list(dict.fromkeys(places)), tuple(lost)
