"""A ledger of people as it is handed on: those left out for a reason may be few, and other figures would tell them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from gis.ledger import Ledger
from maps.withheld import masked


@dataclass(frozen=True)
class ShownLedger:
    """The people of a ledger as numbers or marks: read, used, left out in all and by reason."""

    read: object
    used: object
    left_out: object
    reasons: Mapping[str, object]


def shown_ledger(ledger: Ledger) -> ShownLedger:
    """Return the people of a ledger as they may be handed on; what is read is used or left out for a reason."""
    if ledger.elders_read is None:
        return ShownLedger(None, ledger.elders_used, None, dict(ledger.elders_left_out))
    reasons = ledger.elders_left_out
    counts = [*reasons.values(), sum(reasons.values()), ledger.elders_used, ledger.elders_read]
    left_out, used, read = (len(reasons) + place for place in range(3))
    sums = [[left_out, used, read]]
    sums += [[*range(len(reasons)), left_out]] if reasons else []
    told = masked(pd.DataFrame({"people": counts}, dtype=object), ["people"], sums)["people"].tolist()
    return ShownLedger(told[read], told[used], told[left_out], dict(zip(reasons, told, strict=False)))
