"""Who received a care room, read off what a bureau wrote."""

import re

from policy.housing import Housing

_BODIES = (
    ("property_company", r"物业"),
    ("civil_affairs", r"民政(局|部门|厅)"),
    ("town_government", r"街道办|街道$|(镇|乡|街道)(人民)?政府|(镇|乡)$"),
    ("county_government", r"(县|区|旗|市)(人民)?政府|((?<![小社])区|园|新城)(党工委)?管(理)?委(员)?会"),
    ("developer", r"开发(商|公司|企业)|置业|地产(?!.*局)|建设单位"),
    ("other", r"业主|业委会|小区管"),  # committees of owners are no government
)
_PRIVATE = frozenset({"property_company", "developer", "other"})
_REST = re.compile(r"公司|企业|个人|集团")
_NOT_YET = re.compile(
    r"[未拟待将](移交|交付|交给|交由|交|接收|接管|办理|定|明确|确定)|拟$|计划|尚未|没有|无法|不(接收|同意|移交)|拒|暂(不|缓|无|由)|准备移交|申请"
)
_BRACKETS = re.compile(r"[（(]([^（()）]*)[）)]")


def receiver_type(record: Housing) -> str:
    """Return the type of the receiver: as the table has it, else as its name says, empty where neither tells.

    >>> receiver_type(Housing("a", "a", "甲", receiver="云溪县人民政府"))
    'county_government'
    >>> receiver_type(Housing("a", "a", "甲", receiver="云溪县宏达物业服务有限公司"))
    'property_company'
    """
    if _not_yet(record.receiver):
        return ""
    return record.receiver_type or read_receiver(record.receiver)


def read_receiver(name: str) -> str:
    """Return the type that the name of a receiver says, empty where it does not tell surely.

    The words before brackets decide; a body that is to receive, or did not, has received nothing.

    >>> [read_receiver(name) for name in ("云溪县人民政府（民政局代管）", "拟移交云溪县人民政府", "业主管理委员会")]
    ['county_government', '', 'other']
    """
    if _not_yet(name):
        return ""
    body = _BRACKETS.sub("", name).strip() or name.strip("（()） ")
    kinds = [kind for kind, words in _BODIES if re.search(words, body)]
    if not kinds:
        return "other" if _REST.search(body) else ""
    return kinds[0] if len(kinds) == 1 or _PRIVATE.issuperset(kinds) else ""


def _not_yet(name: str) -> bool:
    asides = _BRACKETS.findall(name)
    return bool(_NOT_YET.search(_BRACKETS.sub("", name)) or any(_NOT_YET.match(aside.strip()) for aside in asides))
