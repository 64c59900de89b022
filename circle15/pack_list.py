"""The documents there are as packs, in lines for people: what each is, its rules by form, what it leaves open."""

from collections import Counter
from pathlib import Path

from gis.words import Language, say
from policy.choices import STANDARD, shown
from policy.load import load_pack, packs
from policy.pack import Policy
from policy.rule import Rule
from policy.table import choices_text


def pack_lines(language: Language = "zh") -> list[str]:
    """Return one block of lines a bundled pack: name, document, place, whether a draft, rules by form, choices."""
    return [line for name in packs() for line in _about(load_pack(name), language)]


def rule_lines(name_or_path: str | Path, language: Language = "zh") -> list[str]:
    """Return a pack and each of its rules: identifier, clause, title, form, day, demand, body responsible.

    Raises InputError (PACK_MISSING and every fault of the file).
    """
    policy = load_pack(name_or_path)
    return [*_about(policy, language), *(line for rule in policy.rules for line in _rule(rule, language))]


def _about(policy: Policy, language: Language) -> list[str]:
    at, document = (0 if language == "zh" else 1), policy.document
    place = document.place.pair[at] if document.place else say("packs.anywhere", language)
    forms = Counter(rule.form for rule in policy.rules if not rule.same_as)
    counted = [f"{say(f'packs.form_{form}', language)} {n}" for form, n in forms.most_common()]
    comma = say("label.comma", language)
    lines = [
        f"{policy.name}  {document.cite}  {document.title.pair[at]}  {place}",
        "    " + say("packs.rules", language, n=len(policy.rules), forms=comma.join(counted) or "-"),
    ]
    opened = {name: choice for name, choice in policy.choices.items() if name not in STANDARD}
    texts = [shown(name, choice.default, choice.content) for name, choice in opened.items()]
    keys = [f"{name} = {text.partition(' = ')[2]}" for name, text in zip(opened, texts, strict=True)]
    said = [choices_text([text], language).partition(": ")[2].partition(" = ")[0] for text in texts]
    lines += [f"    {key}  # {words}" for key, words in zip(keys, said, strict=True)]
    return lines


def _rule(rule: Rule, language: Language) -> list[str]:
    at = 0 if language == "zh" else 1
    form = say(f"packs.form_{rule.form}", language)
    day = say("packs.by", language, day=rule.deadline) if rule.deadline else ""
    head = "  ".join(part for part in (rule.id, rule.clause, rule.title.pair[at], f"[{form}]", day) if part)
    beside = [text.pair[at] for text in (rule.demand, rule.asks, rule.remark) if text is not None]
    if rule.same_as:
        beside.append(say("packs.same_as", language, rules=", ".join(rule.same_as)))
    beside += ["、".join(rule.responsible)] if rule.responsible else []
    return [head, *(f"    {text}" for text in beside)]
