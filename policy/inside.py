"""Which places a rule is about, and where a facility may stand of which not everything is known."""

from collections.abc import Collection, Mapping

from policy.counting import every
from policy.ground import Community, Ground
from policy.scope import Level

Keys = frozenset[tuple[str, str | None]]
Places = frozenset[tuple[str | None, ...]]
ABOVE = ("zone", "street", "county", "district")
_COARSER: Mapping[Level, tuple[str, ...]] = {
    "community": ("street", "county", "district"),
    "street": ("county", "district"),
    "county": ("district",),
    "zone": ("district",),
}


def inside(
    keys: Mapping[str, str | None], ground: Ground, only: Collection[str], towns: Collection[str]
) -> bool | None:
    """Return whether a place lies in the counties (or zones) and the towns of these names; None where not known."""
    answers: list[bool | None] = []
    if only:
        names = [ground.names.get((up, key), key) for up in ("county", "zone") if (key := keys.get(up))]
        answers.append(any(name in only for name in names) if names else None)
    if towns:
        key = keys.get("street")
        answers.append(None if not key else ground.names.get(("street", key), key) in towns)
    return every(answers)


def outside_of(ground: Ground, level: Level, name: str, member: Community, only: Collection[str]) -> bool:
    """Return whether the unit is none of those named, nor in one of them."""
    above = (
        ground.names.get((up, key), key)
        for up in ("county", "zone")
        if level in {"street", "community"} and (key := member.keys.get(up))
    )
    return not {name, *above} & set(only)


def may_stand_in(known: Mapping[str, str | None], level: Level, places: Places) -> bool:
    """Return whether nothing that is known of a facility's place speaks against one of these places of communities."""
    zone, coarser = known.get("zone"), _COARSER.get(level, ())
    above = (dict(zip(ABOVE, place, strict=True)) for place in places)
    return any(
        (zone is None or zone == (place["zone"] or ""))
        and all(known.get(up) in (None, there) for up in coarser if (there := place[up]))
        for place in above
    )
