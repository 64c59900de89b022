"""What a care room is used for now, and whether another use was agreed to, read off what a bureau wrote.

One reader for rooms of new housing and for facilities. What cannot be read surely is `unclear` and never guessed: the
cell is asked for again.
"""

import re
from typing import Literal

Use = Literal["care", "idle", "diverted", "unclear", ""]
"""Used for care, standing idle, serving something else, not to be told from the words; empty: nothing is stated."""

_NOTHING = re.compile(
    r"[\s\-—–_/\\.。0〇无]*|n/?a|none|nil|不详|未知|暂无|没有|(在|未|待|拟)建|建设中|施工中|规划中|尚?未(建成|竣工|开工|移交|交付|验收)"
    r"|(待|拟)(移交|交付|验收|定|接收)",
    re.IGNORECASE,
)
_CARE = re.compile(
    r"养老|老年|老人|照料|托老|助餐|长者|康养|医养|护理|助浴|敬老|幸福院|为老|适老|\belder|\bday care|\bcare\b",
    re.IGNORECASE,
)
_IDLE = re.compile(
    r"闲置|空置|空闲|空房|未(启用|使用|投入使用|开放)|待(用|启用)|装修|毛坯|\bidle|\bvacant|\bempty", re.IGNORECASE
)
_OTHER = re.compile(
    r"超市|商店|商铺|商业|商场|便利店|小卖部|门市|仓库|仓储|库房|杂物|售楼|办公|物业|幼儿|婴|托育|儿童|餐馆|餐厅|饭店|酒店|宾馆|旅馆"
    r"|棋牌|麻将|茶(楼|馆|室)|网吧|ktv|健身房|药店|药房|停车|车库|宿舍|住宅|住人|居住|银行|快递|驿站|菜市场|市场|美容|理发"
    r"|培训|门诊|诊所|派出所|店铺|公司|\bshop|store\b|storage|supermarket|\boffice|warehouse|child",
    re.IGNORECASE,
)
_TAKEN = re.compile(
    r"挪作|挪用|占用|侵占|拆除|售楼|销售|地产|置业|(非|不是|不作|不再(用于|作为|提供|开展)?)(养老|为老|照料)"
)
_LET = re.compile(r"出租|转租|租给|出借")
_NOW = re.compile(
    r"(?:改作|改为|改成|改建为|改造为|变更为|转为|现(?:已|在)?(?:为|作为|用作|用于|作|是|系)|(?:^|[，,；;])现(?!状|场|代))"
)
_PAST = re.compile(r"原|曾|以前|此前|former|previous|was ", re.IGNORECASE)
_DOUBT = re.compile(
    r"[非不未无没停拟待暂将]|关闭|取消|撤销|终止|计划|准备|筹备|申请|部分|一半|是否|疑|[?？]|\bno[tn]?\b|clos|plan",
    re.IGNORECASE,
)
_INNOCENT = re.compile(r"无偿|无障碍|非[营盈]利性?|不间断|不收费|日间不|未来")
_BESIDE = re.compile(
    r".*(运营|承办|托管)|正常(使用|运行|开放)|已?(投入)?(使用|启用|开放)|在用|约?[\d.]+(平方米|平米|㎡|m2|张床位?|层|楼)"
    r"|(地上)?[一二三四五六七八九十\d]+[层楼]|(社区|文体|文化|居民)?(活动|健身|娱乐|休闲|阅览|书画|康复|保健|食堂|厨房|休息)(室|区|中心|场所)?",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"[（(\[【]([^（()）\[\]【】]*)[）)\]】]")


def read_use(said: str) -> Use:
    """Return what a room is used for by the words of a bureau: the present decides, not what it was or is to be.

    >>> [read_use(said) for said in ("日间照料", "超市（原日间照料中心）", "由仓库改为日间照料中心", "闲置", "在建")]
    ['care', 'diverted', 'care', 'idle', '']
    >>> read_use("未开展养老服务")
    'unclear'
    """
    asides = _BRACKETS.findall(said)
    main = _BRACKETS.sub("", said).strip()
    if _NOTHING.fullmatch(main):
        return "" if all(_NOTHING.fullmatch(aside) for aside in asides) else "unclear"
    use = _present(main)
    for aside in asides:
        use = _with_aside(use, aside)
    return use


def _with_aside(use: Use, aside: str) -> Use:
    """Return the use where brackets add something: history and who runs it change nothing, a contradiction does."""
    if _NOW.search(aside):
        return _present(aside)
    if _PAST.match(aside) or _BESIDE.fullmatch(aside):
        return use
    doubtful = bool(_DOUBT.search(_INNOCENT.sub("", aside)))
    if use != "care":
        return "unclear" if _CARE.search(aside) and not doubtful else use
    return "unclear" if doubtful or any(word.search(aside) for word in (_OTHER, _IDLE, _TAKEN, _LET)) else use


def _present(text: str) -> Use:
    *before, now = _NOW.split(text)
    if before and re.search(r"(拟|未|待|将|不|没有?|计划|准备)$", before[-1]):  # 拟改为, 未改为: not so yet, or not so
        return "unclear"
    parts = [part for part in re.split(r"[，,；;。、/+和及与兼\n]", now) if part.strip()]
    history = [part for part in parts if _PAST.match(part.strip())]
    found = {_part(part.strip()) for part in parts if part not in history} - {""}
    if found == {"unclear"} and _LET.search(now) and any(_CARE.search(part) for part in history):
        return "diverted"  # let, and formerly for care
    if len(found) == 1:
        return found.pop()
    return "unclear"


def _part(part: str) -> Use:
    """Return the use that one part of a sentence tells; empty where it only says how or by whom."""
    plain = _INNOCENT.sub("", part)
    care = bool(_CARE.search(plain))
    if _TAKEN.search(plain):
        return "unclear" if re.search(r"[未无没不](被|有|再)?(挪|占|侵|拆)|拟|待|将", plain) else "diverted"
    if _IDLE.search(plain):
        return "unclear" if re.search(r"[非不]闲|[非不]空", plain) else "idle"
    if _BESIDE.fullmatch(plain) and not care:
        return ""
    if _DOUBT.search(plain) or (_LET.search(plain) and not (care and _BESIDE.fullmatch(plain))):
        return "unclear"
    if bool(_OTHER.search(plain)) == care:
        return "unclear"  # both, or neither
    return "care" if care else "diverted"


_REFUSED = re.compile(
    r"(无|否|没|未|不(?!动产)|非|no\b|none\b|not\b)(?!异议|意见)|.*(不同意|不予|未(同意|批准|获|取得|经|办)|没有|驳回|拒绝)",
    re.IGNORECASE,
)
_OPEN = re.compile(r"拟|待|申请|办理中|审批中|审核中|正在|口头|撤销|作废|[?？]|无异议|无意见|[未不没]")
_GIVEN = re.compile(r"\d\s*号|同意|批准|批复|已取得|已办理|是|有|yes\b", re.IGNORECASE)


def read_consent(said: str) -> bool | None:
    """Return whether a consent to another use is on record: yes by number or word, no where blank or denied, else None.

    >>> [read_consent(said) for said in ("包民函〔2021〕3号", "未取得", "", "正在申请")]
    [True, False, False, None]
    """
    text = said.strip()
    if _NOTHING.fullmatch(text):
        return False
    if _REFUSED.match(text):
        return None if re.search(r"\d\s*号", text) else False
    return True if _GIVEN.search(text) and not _OPEN.search(text) else None
