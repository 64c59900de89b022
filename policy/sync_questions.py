"""The questions of the four synchronisations, asked of one phase on one day."""

from collections.abc import Iterator
from fractions import Fraction

from policy.four_sync_text import Stage, Sync
from policy.housing import Step
from policy.look import Look
from policy.project_check import Answer
from policy.receivers import receiver_type
from policy.sync_words import area_text, words
from policy.use import read_consent, read_use
from policy.verdict import Status

HALF = Fraction(1, 2)


def ask(look: Look) -> Iterator[Answer]:
    """Yield the answers to every question there is to ask of a phase; what is not asked has no answer.

    An estate that is not new is not asked: the documents speak of new ones.
    """
    if look.record.new_estate is False:
        return
    yield from _step(look, "planned", "planned", late="out_of_step", absent="no_scheme")
    yield from _scheme_area(look)
    yield from _begun(look)
    yield from _step(look, "built", "finished", late="delayed", absent="not_completed")
    yield from _stopped(look)
    yield from _reduced(look)
    yield from _phasing(look)
    yield from _step(look, "accepted", "accepted", late="out_of_step", absent="out_of_step")
    yield from _handover(look)
    yield from _receiver(look)
    yield from _use(look)


def _step(
    look: Look,
    stage: Stage,
    step: Step,
    *,
    late: Sync,
    absent: Sync,
    allowed: int | None = None,
    since: Step | None = None,
) -> Iterator[Answer]:
    """Answer for one step of both buildings; `since`: the step of the housing that makes an absent room a fault."""
    home, care = look.home(step), look.care(step)
    if care == "open":
        trigger = since or step
        state = look.home(trigger)
        if state == "done":
            yield _absent(look, stage, step, absent, trigger=trigger, allowed=allowed)
        elif state == "unsaid":
            yield Answer(absent, stage, Status.UNKNOWN, step, missing=(f"housing_{trigger}",))
        else:
            yield Answer(absent, stage, Status.NOT_DUE, step)
    elif home == "open":
        yield Answer(late, stage, Status.NOT_DUE, step)
    elif (home, care) == ("done", "done"):
        yield _late(look, stage, step, late, allowed)
    else:
        missing = [f"housing_{step}"] if home == "unsaid" else []
        missing += [f"care_{step}"] if care == "unsaid" else []
        yield Answer(late, stage, Status.UNKNOWN, step, missing=tuple(missing))


def _late(look: Look, stage: Stage, step: Step, late: Sync, allowed: int | None) -> Answer:
    home, room = look.record.housing.on(step), look.room.care.on(step)
    assert home is not None and room is not None  # noqa: S101, PT018  both are done
    days = (room - home).days
    status = look.grade(days, allowed=allowed)
    if status is Status.PASS:
        return Answer(late, stage, status, step, days=days)
    detail = words("late", step=words(f"step_{step}"), home=home, room=room, days=days)
    unfinished = late == "delayed" and look.care("finished") == "open"
    return Answer(late, stage, status, step, days=days, since=home, detail=detail, to_correct=unfinished)


def _absent(look: Look, stage: Stage, step: Step, absent: Sync, *, trigger: Step, allowed: int | None) -> Answer:
    home = look.record.housing.on(trigger)
    assert home is not None  # noqa: S101  the step is done
    days = (look.day - home).days
    status = look.grade(days, allowed=allowed)
    if status is Status.PASS:
        return Answer(absent, stage, Status.NOT_DUE, step)
    detail = words(f"absent_{step}", trigger=words(f"step_{trigger}"), home=home, day=look.day, days=days)
    return Answer(absent, stage, status, step, days=days, since=home, detail=detail)


def _begun(look: Look) -> Iterator[Answer]:
    """Ask whether the room was begun with the housing; housing that is finished has surely been begun."""
    begun = look.allow.not_built_from == "started" and (
        look.home("started") == "done" or look.home("finished") != "done"
    )
    since: Step = "started" if begun else "finished"
    yield from _step(look, "built", "started", late="delayed", absent="not_built", since=since)


def _scheme_area(look: Look) -> Iterator[Answer]:
    """Ask whether the scheme is as large as is asked for: 未提出合格的配建方案."""
    if not look.required.asked or (look.care("planned") == "open" and not look.scheme_m2):
        return
    if look.home("planned") == "open":
        yield Answer("no_scheme", "planned", Status.NOT_DUE)
        return
    needed, scheme = look.required.m2, look.scheme_m2
    if needed is None or scheme is None:
        missing = look.required.missing if needed is None else ("care_planned_m2",)
        yield Answer("no_scheme", "planned", Status.UNKNOWN, missing=missing)
    elif (short := needed - scheme) > look.allow.area_tolerance_m2:
        told = {"required": area_text(needed), "scheme": area_text(scheme), "m2": area_text(short)}
        yield Answer("no_scheme", "planned", Status.FAIL, m2=short, detail=words("short_scheme", **told))
    else:
        yield Answer("no_scheme", "planned", Status.PASS)


def _stopped(look: Look) -> Iterator[Answer]:
    since = look.room.suspended_since
    if since is None or since > look.day or look.care("finished") != "open":
        return
    if "suspended_since" in look.room_voids:
        yield Answer("stopped", "built", Status.UNKNOWN, missing=("suspended_since",))
        return
    days = (look.day - since).days
    status = Status.FAIL if days >= look.allow.suspended_days else Status.NOT_DUE
    yield Answer(
        *("stopped", "built", status),
        days=days,
        since=since,
        detail=words("stopped", since=since, day=look.day, days=days),
    )


def _reduced(look: Look) -> Iterator[Answer]:
    permitted, built = look.room.care_permitted_m2, look.room.care_built_m2
    voids = look.room_voids
    permitted = None if "care_permitted_m2" in voids else permitted
    built = None if "care_built_m2" in voids else built
    if not look.stood or (not built and look.care("finished") == "open"):
        return
    if not look.complete:
        yield Answer("reduced", "built", Status.NOT_DUE)
        return
    if permitted is None or built is None:
        missing = tuple(name for name, m2 in (("permitted", permitted), ("built", built)) if m2 is None)
        yield Answer("reduced", "built", Status.UNKNOWN, missing=tuple(f"care_{name}_m2" for name in missing))
    elif (short := permitted - built) > look.allow.area_tolerance_m2:
        told = {"permitted": area_text(permitted), "built": area_text(built), "m2": area_text(short)}
        yield Answer("reduced", "built", Status.FAIL, m2=short, detail=words("reduced", **told))
    else:
        yield Answer("reduced", "built", Status.PASS)


def _phasing(look: Look) -> Iterator[Answer]:
    """Ask, where the profile does, whether the room came in the first phase or before half of the housing."""
    if look.allow.phasing == "not_asked" or look.care("finished") == "open" or not look.stood:
        return
    part = None if "housing_share_finished_at_care" in look.room_voids else look.room.finished_share
    if look.room.phase_number == 1:
        yield Answer("late_phase", "built", Status.PASS)
    elif part is None:
        yield Answer("late_phase", "built", Status.UNKNOWN, missing=("housing_share_finished_at_care",))
    else:
        status = Status.PASS if part < HALF else Status.EXCEPTION_NEEDED if part == HALF else Status.FAIL
        detail = words("late_phase", share=f"{float(part * 100):.4g}%") if status is not Status.PASS else ("", "")
        yield Answer("late_phase", "built", status, detail=detail, to_correct=False)


def _handover(look: Look) -> Iterator[Answer]:
    """Ask for the handover; of a room that does not stand the missing handover is only out of step."""
    stands = look.care("finished") != "open" or look.care("accepted") != "open"
    at_acceptance = look.allow.handover_blocks == "this_acceptance" and stands and look.home("accepted") == "done"
    yield from _step(
        look,
        "delivered",
        "delivered",
        late="out_of_step",
        absent="not_handed_over" if stands else "out_of_step",
        allowed=max(look.allow.same_time_days, look.allow.handover_days),
        since="accepted" if at_acceptance else "delivered",
    )


def _receiver(look: Look) -> Iterator[Answer]:
    if not look.text.receivers or look.care("delivered") == "open":
        return
    kind = "" if "receiver" in look.room_voids else receiver_type(look.room)
    if not kind:
        yield Answer("wrong_receiver", "delivered", Status.UNKNOWN, missing=("receiver",))
    elif kind in look.text.receivers:
        yield Answer("wrong_receiver", "delivered", Status.PASS)
    else:
        right = [words(f"receiver_{receiver}") for receiver in look.text.receivers]
        told = {"receiver": look.room.receiver or "—", "kind": words(f"receiver_{kind}")}
        wanted = ("、".join(zh for zh, _ in right), ", ".join(en for _, en in right))
        detail = words("wrong_receiver", **told, wanted=wanted)
        yield Answer("wrong_receiver", "delivered", Status.FAIL, detail=detail)


def _use(look: Look) -> Iterator[Answer]:
    use = read_use(look.room.current_use)
    if not use or not look.stood:
        return
    if use in {"care", "idle"}:
        yield Answer("diverted", "delivered", Status.PASS)
        return
    consent = read_consent(look.room.change_consent)
    told = {"use": look.room.current_use, "consent": look.room.change_consent}
    if not look.complete and look.care("delivered") == "open":
        yield Answer("diverted", "delivered", Status.NOT_DUE)
    elif use == "unclear":
        yield Answer("diverted", "delivered", Status.UNKNOWN, missing=("current_use",))
    elif consent is None:
        yield Answer("diverted", "delivered", Status.UNKNOWN, missing=("change_consent",))
    elif not consent:
        yield Answer("diverted", "delivered", Status.FAIL, detail=words("diverted", **told))
    elif look.text.consent:
        yield Answer("diverted", "delivered", Status.PASS, detail=words("diverted_agreed", **told))
    else:
        yield Answer("diverted", "delivered", Status.EXCEPTION_NEEDED, detail=words("diverted_open", **told))
