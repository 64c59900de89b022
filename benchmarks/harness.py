"""How the benchmarks measure: answers are judged first, then medians in turns, and memory in a process of its own."""

import argparse
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
MB = 1e6
TICK_S = 0.05
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class WrongAnswerError(Exception):
    """A contender gave another answer than the reference; its time means nothing."""


@dataclass(frozen=True)
class Contender:
    """One way to do the work.

    `ready` makes what the work needs (shown as set-up), `work` is timed on it; `judge` is given the work's result,
    raises WrongAnswerError where it should be right and is not, and returns a remark. `share`: the part of the work
    that is done where the whole would take too long; its time is divided by it.
    """

    name: str
    work: Callable[[Any], Any]
    judge: Callable[[Any], str]
    ready: Callable[[], Any] = lambda: None
    share: float = 1.0
    runs: int | None = None
    memory: bool = True


@dataclass(frozen=True)
class Row:
    """A line of a table: seconds of set-up, median seconds of the work, peak and work's own memory in MB."""

    name: str
    ready_s: float
    work_s: float
    peak_mb: float | None
    own_mb: float | None
    remark: str


def arguments(purpose: str | None, **more: Any) -> argparse.Namespace:
    """Return the arguments that every benchmark takes, and its own (`name=default`)."""
    parser = argparse.ArgumentParser(description=(purpose or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the open extracts and tables")
    parser.add_argument("--runs", type=int, default=5, help="how often each work is timed; the median counts")
    for name, default in more.items():
        option = f"--{name.replace('_', '-')}"
        if default is False:
            parser.add_argument(option, action="store_true")
        else:
            parser.add_argument(option, type=type(default), default=default, help=f"default {default}")
    given = parser.parse_args()
    if not given.data.is_dir():
        sys.exit(f"no data: {given.data} is not here (--data names another folder)")
    return given


def compare(
    title: str,
    contenders: Sequence[Contender],
    *,
    runs: int = 5,
    per: tuple[float, str] = (1, ""),
    also: Sequence[Row] = (),
) -> None:
    """Judge all answers, then time the contenders in turns, and print the table; the first one is ours.

    `per`: how many pieces one work is of, and what a piece is called, where time per piece is of interest. `also`:
    lines measured in a process of their own.
    """
    first = contenders[0]
    first.work(first.ready())  # compiled before anything is measured
    memory = {c.name: peak(c) if c.memory else (None, None) for c in contenders}  # forks come before OpenMP's threads
    state, ready_s, remark = {}, {}, {}
    for contender in contenders:
        ready_s[contender.name], state[contender.name] = seconds(contender.ready)
        result = contender.work(state[contender.name])
        try:
            remark[contender.name] = contender.judge(result)
        except WrongAnswerError as wrong:
            sys.exit(f"{title}: {contender.name}: {wrong}. No times are shown.")
        del result
    spent: dict[str, list[float]] = {c.name: [] for c in contenders}
    for turn in range(max(c.runs or runs for c in contenders)):
        for contender in contenders:
            if turn < (contender.runs or runs):
                spent[contender.name].append(each_s(lambda c=contender: c.work(state[c.name])))
    rows = []
    for c in contenders:
        partly = f"{c.share:.2%} of it, extrapolated" if c.share < 1 else ""
        once = "run once" if len(spent[c.name]) == 1 else ""
        notes = "; ".join(note for note in (remark[c.name], partly, once) if note)
        median = statistics.median(spent[c.name]) / c.share
        rows.append(Row(c.name, ready_s[c.name], median, *memory[c.name], notes))
    show(title, [*rows, *also], per=per)


def show(title: str, rows: Sequence[Row], *, per: tuple[float, str] = (1, "")) -> None:
    """Print a table in Markdown; ratios are to its first row."""
    pieces, piece = per
    each = f" a {piece} |" if piece else ""
    print(f"\n### {title}\n")
    print(f"| | set-up | time | times ours |{each} peak MB | of it for the work | |")
    print(f"|---|---|---|---|{'---|' if piece else ''}---|---|---|")
    for row in rows:
        one = f" {clock(row.work_s / pieces)} |" if piece else ""
        mb = [f"{value:,.0f}" if value is not None else "" for value in (row.peak_mb, row.own_mb)]
        set_up = clock(row.ready_s) if row.ready_s > 1e-3 else ""
        ratio = f"{row.work_s / rows[0].work_s:.3g}"
        print(f"| {row.name} | {set_up} | {clock(row.work_s)} | {ratio} |{one} {mb[0]} | {mb[1]} | {row.remark} |")
    sys.stdout.flush()


def clock(spent_s: float) -> str:
    """Return a time as people read it.

    >>> clock(0.0000042), clock(0.0123), clock(215.4)
    ('4.2 us', '12.3 ms', '215 s')
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if spent_s >= size or unit == "us":
            return f"{spent_s / size:.3g} {unit}"
    raise AssertionError


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return how long some work takes, and its result."""
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def each_s(work: Callable[[], Any]) -> float:
    """Return how long some work takes; what is over at once is done again and again until a tick of `TICK_S` is full.

    As `timeit` does it: one call of a millisecond says more of the one before it than of itself.
    """
    times, began = 0, time.perf_counter()
    while True:
        work()
        times += 1
        spent = time.perf_counter() - began
        if spent >= TICK_S:
            return spent / times


def resident_mb() -> float:
    """Return the memory this process holds now."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE_BYTES / MB


def peak_mb() -> float:
    """Return the most memory this process has ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB


def forget_peak() -> None:
    """Begin to count the most memory held anew, from what is held now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak(contender: Contender) -> tuple[float | None, float | None]:
    """Return the peak memory of a contender's set-up and work in a child process, and what it is above its begin.

    What the libraries keep in memory is counted as far as the child touches it.
    """
    sys.stdout.flush()
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.write(tell, str(resident_mb()).encode())
        try:
            contender.work(contender.ready())
        except BaseException:  # noqa: BLE001  the parent will meet it again and say it
            os._exit(1)
        os._exit(0)
    begin = float(os.read(told, 64))
    os.close(told)
    os.close(tell)
    _, status, used = os.wait4(child, 0)
    most = used.ru_maxrss * 1024 / MB
    return (None, None) if status else (most, most - begin)


def same(found: bool, what: str) -> None:  # noqa: FBT001  reads as a sentence
    """Refuse an answer that differs."""
    if not found:
        raise WrongAnswerError(f"another answer: {what}")
