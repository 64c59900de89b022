"""The ledger: every row and every elder that was read is either used or left out for a named reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Ledger:
    """How the rows of one input were used: `rows_read == rows_used + sum(left_out.values())` always holds.

    `left_out` maps a reason (a finding code) to a number of rows; `elders_read`, `elders_used` and `elders_left_out`
    say the same of people, where the table has them: counted, not located, or withheld. `elders_used` is summed from
    what is used, not from what is left. Raises ValueError where the sums do not agree.

    >>> Ledger("facilities", "设施.xlsx", rows_read=3, rows_used=2, left_out={"ROW_TOTAL": 1}).reconciled
    True
    """

    table: str
    source: str
    rows_read: int
    rows_used: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    elders_read: int | None = None
    elders_used: int | None = None
    elders_left_out: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a ledger that does not add up: it would be a silent loss."""
        if not self.reconciled:
            raise ValueError(
                f"{self.table}: {self.rows_read} rows read, {self.rows_used} used, {self.left_out} left out; "
                f"{self.elders_read} elders read, {self.elders_used} used, {self.elders_left_out} left out"
            )

    @property
    def reconciled(self) -> bool:
        """Whether the rows add up, and the people."""
        rows = self.rows_read == self.rows_used + sum(self.left_out.values())
        return rows and (self.elders_read or 0) == (self.elders_used or 0) + sum(self.elders_left_out.values())
