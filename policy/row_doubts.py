"""What cannot be true in a row of the housing table: days in an impossible order, areas below zero, words at odds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from policy.housing import STEPS, Days, Housing, Step
from policy.receivers import read_receiver
from policy.sync_words import Pair, area_text, words

Building = Literal["housing", "care"]
_AFTER: tuple[tuple[Step, Step, bool], ...] = (
    ("planned", "started", False),
    ("started", "finished", True),
    ("started", "accepted", True),
    ("started", "delivered", True),
    ("finished", "accepted", False),
    ("accepted", "delivered", False),
)
"""Which step comes before which, and whether the other way round cannot be: a building may be started before its permit
or handed over before its acceptance, against the rules; it cannot be finished before it was started."""
_FIRST_STOREYS = 1


@dataclass(frozen=True)
class Doubt:
    """One thing to ask the bureau about a row: a stable code, the columns it is about, and the words for it.

    `voids` names columns that no comparison may rest on.
    """

    code: str
    columns: tuple[str, ...]
    words: Pair
    voids: tuple[str, ...] = ()


def row_doubts(record: Housing, *, as_of: date) -> tuple[Doubt, ...]:
    """Return what is odd in a row; whether a day lies ahead is seen from `as_of`, all else is as the table has it.

    >>> odd = Housing("a", "a", "甲", housing=Days(started=date(2020, 5, 1), finished=date(2020, 1, 1)))
    >>> [(doubt.code, doubt.voids) for doubt in row_doubts(odd, as_of=date(2021, 12, 31))]
    [('ORDER_IMPOSSIBLE', ('housing_started', 'housing_finished'))]
    """
    return (
        *_order("housing", record.housing),
        *_order("care", record.care),
        *_stop(record),
        *_areas(record),
        *_receiver(record),
        *_ahead(record, as_of),
    )


def room_remarks(record: Housing) -> tuple[Pair, ...]:
    """Return what stands against the place of the room: below ground, upstairs without lift or ramp, no own entrance.

    The documents themselves ask for none of this; the standards of several provinces do.
    """
    found = []
    if re.search(r"地下|夹层|^\s*-|[bB]\d", record.floor):
        found.append(words("room_below"))
    elif (storey := _storey(record.floor)) is not None and storey > _FIRST_STOREYS:
        if record.lift is False and not record.ramp:
            found.append(words("room_no_lift", floor=record.floor))
        elif record.lift is None:
            found.append(words("room_lift_unknown", floor=record.floor))
    if record.own_entrance is False:
        found.append(words("room_no_entrance"))
    return tuple(found)


def _storey(floor: str) -> int | None:
    digits = [int(number) for number in re.findall(r"\d+", floor)]
    if digits:
        return max(digits)
    signs = [1 + "一二三四五六七八九".index(sign) for sign in re.findall("[一二三四五六七八九]", floor)]
    return max(signs, default=None)


def _order(building: Building, days: Days) -> Iterator[Doubt]:
    for first, second, impossible in _AFTER:
        early, late = days.on(first), days.on(second)
        if early is None or late is None or early <= late:
            continue
        columns = (f"{building}_{first}", f"{building}_{second}")
        said = words(
            "doubt_order",
            building=words(f"building_{building}"),
            first=words(f"step_{first}"),
            second=words(f"step_{second}"),
            early=early,
            late=late,
        )
        code = "ORDER_IMPOSSIBLE" if impossible else "ORDER_ODD"
        yield Doubt(code, columns, said, columns if impossible else ())


def _stop(record: Housing) -> Iterator[Doubt]:
    since, started, finished = record.suspended_since, record.care.started, record.care.finished
    if since is not None and started is not None and since < started:
        said = words("doubt_stop", since=since, step=words("step_started"), day=started)
        yield Doubt("STOP_BEFORE_START", ("suspended_since", "care_started"), said, ("suspended_since",))
    if since is not None and finished is not None and since > finished:
        said = words("doubt_stop_after", since=since, step=words("step_finished"), day=finished)
        yield Doubt("STOP_AFTER_FINISH", ("suspended_since", "care_finished"), said, ("suspended_since",))


def _areas(record: Housing) -> Iterator[Doubt]:
    for name in ("care_required_m2", "care_planned_m2", "care_permitted_m2", "care_built_m2"):
        area = getattr(record, name)
        if area is not None and area < 0:
            said = words("doubt_area", area=words(f"area_{name}"), m2=area_text(area))
            yield Doubt("AREA_NEGATIVE", (name,), said, (name,))
    if record.households is not None and record.households <= 0:
        said = words("doubt_households", households=record.households)
        yield Doubt("HOUSEHOLDS_NONE", ("households",), said, ("households",))
    if record.finished_share is not None and not 0 <= record.finished_share <= 1:
        said = words("doubt_share")
        yield Doubt("SHARE_RANGE", ("housing_share_finished_at_care",), said, ("housing_share_finished_at_care",))


def _receiver(record: Housing) -> Iterator[Doubt]:
    kind = read_receiver(record.receiver)
    if record.receiver_type and kind and kind != record.receiver_type:
        given = words(f"receiver_{record.receiver_type}")
        said = words("doubt_receiver", receiver=record.receiver, said=words(f"receiver_{kind}"), given=given)
        yield Doubt("RECEIVER_AT_ODDS", ("receiver", "receiver_type"), said, ("receiver", "receiver_type"))


def _ahead(record: Housing, as_of: date) -> Iterator[Doubt]:
    for building, days in (("housing", record.housing), ("care", record.care)):
        for step in STEPS:
            day = days.on(step)
            if day is not None and day > as_of:
                said = words(
                    "doubt_ahead",
                    building=words(f"building_{building}"),
                    step=words(f"step_{step}"),
                    day=day,
                    as_of=as_of,
                )
                yield Doubt("DAY_AHEAD", (f"{building}_{step}",), said)
