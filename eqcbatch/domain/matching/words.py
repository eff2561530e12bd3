"""The words of which names are made: legal forms, institutions, branches.

Kept by hand. A word that is missing is left in the core of a name.
"""

from __future__ import annotations

import re

# At the end of a name these say what kind of company it is: no part of its core. 责任 says nothing.
FORM_WORDS = "集团|股份|控股|有限|责任|总公司|公司|合伙企业|专业合作社|合作社"
WHOLE_FORMS = ("有限公司", "总公司", "企业", "合作社")
GROWN_FORMS = ("集团", "控股", "总公司")  # another body, if only one of two names has it

# What names an institution in full, though it has no legal form behind it.
_INSTITUTIONS = (
    "大学|学院|学校|中学|小学|高中|初中|一中|二中|三中|四中|五中|六中|七中|八中|九中|一小|二小|三小|幼儿园|"
    "医院|银行|中心|委员会|政府|办公室|协会|学会|工会|商会|联合会|基金会|总会|联社|商场|超市|酒店|宾馆|饭店|"
    "大厦|总站|总段|监狱|法院|检察院|科学院|研究院|设计院|公安局|剧团|乐团|街道|频道|门诊|俱乐部|事务所|"
    "[院局所站厂社店馆队处部台团厅委场矿园库楼厦]"
)
OWN_BODY_WITHIN = re.compile(
    "(?:大学|学院|学校|中学|小学|医院|银行|中心|委员会|协会|学会|商会|工会|联合会|基金会|"
    "幼儿园|研究院|研究所|设计院)"
)
INSTITUTION = re.compile(f"(?:{_INSTITUTIONS})$")

BRANCH = re.compile(
    "(?:分行营业部|分公司|支公司|子公司|支行|分行|分理处|储蓄所|营业部|营业所|营业厅|办事处|代表处|联络处|分店|"
    "门市部|门市|代销点|购销站|收购站|分厂|分社|分校|分院|分部|分所|分局|分中心|分站|支局|支队|支店|邮政所|"
    "项目部|经营部|加油站|服务部|供应站)$"
)
