"""The rank of a unit among its like: ties and missing numbers make it a stretch of ranks, not one."""

from fractions import Fraction

from policy.counting import Counting
from policy.indicators.figures import figure_value
from policy.indicators.standing import counted_in
from policy.measure import ENDLESS, Measured
from policy.units import Unit, units_at
from policy.verdict import Status

_COUNTED = frozenset({"associations", "residents", "households", "elders", "elders_80"})
Value = tuple[Fraction, Fraction, tuple[str, ...]]


def rank(unit: Unit, what: Counting) -> Measured:
    """Tell the rank of the unit among all units of its level (counties with functional zones) by a share.

    Formula: 1 + |{units with a higher `part` / `whole`}| (lower with `highest_first` false); with `of_units` that over
    the number of units. `part` and `whole` are figures of the bureau, or numbers of the list of communities
    (associations, residents, households, elders, `communities`); without `whole` the part alone counts. Units of equal
    value share the ranks from the first to the last of them (`tied`). `units` is how many the document ranks: with more
    or fewer in the project the rank is UNKNOWN, from the best to the worst it may be. UNKNOWN means else that the
    unit's own number is missing, or another that could change the rank.

    >>> from policy.ground import Community, Figure, Ground
    >>> from policy.ground import Community
    >>> figures = {("spent", c): {None: Figure(n)} for c, n in (("1", 5), ("2", 7), ("3", 5))}
    >>> three = tuple(Community(c, c, keys={"county": c}) for c in "123")
    >>> town = Ground(three, (), {}, {("county", c): c for c in "123"}, (15,), figures=figures)
    >>> units, _ = units_at(town, "county")
    >>> [(rank(u, Counting(part="spent")).low, rank(u, Counting(part="spent")).high) for u in units]
    [(2, 3), (1, 1), (2, 3)]
    """
    peers = _peers(unit)
    values = _shelved(unit, peers, what)
    mine = values.get(unit.level + unit.id)
    if mine is None or len(peers) == 0:
        return Measured("rank", void=Status.NOT_APPLICABLE, kind="rank")
    n = what.units or len(peers)
    absent, beyond = max(0, n - len(peers)), max(0, len(peers) - n)
    others = [(key, value) for key, value in values.items() if key != unit.level + unit.id]
    surely = sum(low > mine[1] for _, (low, _, _) in others)
    perhaps = sum(high >= mine[0] for _, (_, high, _) in others)
    # Units that are not in the project may all come before this one; of too many, those before it may not be ranked.
    first, last = max(1, 1 + surely - beyond), min(n, 1 + perhaps + absent)
    between = [(key, v) for key, v in others if v[1] >= mine[0] and not v[0] > mine[1]]
    missing = tuple(dict.fromkeys(token for _, v in (("", mine), *between) for token in v[2]))
    odd = (f"communities.county_id: {len(peers)} / {n}",) if absent or beyond else ()
    unsure = bool(mine[2] or odd)
    names = {u.level + u.id: u.name for u in peers}
    tied = tuple(names[key] for key, v in between if v[0] == v[1] == mine[0] == mine[1])
    low, high = (Fraction(first, n), Fraction(last, n)) if what.of_units else (first, last)
    return Measured(
        "rank",
        first,
        last,
        n,
        low,
        high,
        (unit.name,),
        (*odd, *missing) if first != last or unsure else (),
        kind="rank",
        tied=() if unsure or (missing and first != last) else tied,
        unsure=unsure,
    )


def _peers(unit: Unit) -> tuple[Unit, ...]:
    if unit.ground is None:
        return ()
    units, _ = units_at(unit.ground, unit.level, where=unit.where)
    beside = {"county": "zone", "zone": "county"}.get(unit.level)
    zones = units_at(unit.ground, "zone" if beside == "zone" else "county", where=unit.where)[0] if beside else ()
    return (*units, *zones)


def _shelved(unit: Unit, peers: tuple[Unit, ...], what: Counting) -> dict[str, Value]:
    """Return the value of every peer, worked out once for all of them."""
    if unit.ground is None:
        return {}
    level = "county" if unit.level == "zone" else unit.level
    shelf = ("ranked", level, unit.where, what.part, what.whole, what.year, what.by, what.highest_first)
    if shelf not in unit.ground.shelf:
        unit.ground.shelf[shelf] = {peer.level + peer.id: _value(peer, what) for peer in peers}
    found: dict[str, Value] = unit.ground.shelf[shelf]
    return found


def _value(unit: Unit, what: Counting) -> Value:
    """Return the least and the most the share of a unit may be; a higher one ranks first."""
    low, high, missing = _number(unit, what.part, what)
    if what.whole:
        least, most, more = _number(unit, what.whole, what)
        missing = (*missing, *more)
        low = low / most if most else Fraction(0)
        high = high / least if least else Fraction(ENDLESS)
    return (low, high, missing) if what.highest_first else (-high, -low, missing)


def _number(unit: Unit, name: str, what: Counting) -> Value:
    known, absent = figure_value(unit, name, what)
    if known is not None and known.value is not None:
        return Fraction(known.value), Fraction(known.value), ()
    if name == "communities":
        few, many = len(unit.communities), len(unit.communities) + len(unit.doubtful)
        return Fraction(few), Fraction(many), tuple(f"communities.level: {c.name}" for c in unit.doubtful)
    if name not in _COUNTED:
        return Fraction(0), Fraction(ENDLESS), (absent,)
    total = counted_in(unit, name)
    return Fraction(total.least), Fraction(total.most), tuple(total.missing)
