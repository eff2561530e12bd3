"""The words that company names are made of."""

from __future__ import annotations


def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


BRAND_SIGNS = (
    "华盛鑫泰宏远安平联合信达金瑞通天东方海德嘉恒立本川岭峰"
    "岳江河润丰庆祥凯旋博雅星辰宇航新元创智诚明光正兴业永康"
)
FAMOUS_SHAPES = words(
    "长江 黄河 三一 八方 九州 百川 千禧 四通 五洲 朝阳 长城 东海 一得阁 六必居 城投 国投 TCL ABB"
)
BANK = "银行"
TRADES = words(
    "科技 科技发展 信息技术 网络科技 贸易 商贸 进出口贸易 建设 建设工程 建筑工程 建筑劳务 "
    "房地产开发 物业管理 物业服务 物流 运输 电子 电子科技 电力 电力工程 机械制造 机械设备 "
    "汽车销售 汽车零部件 医药 医药科技 生物科技 生物医药 食品 餐饮管理 酒店管理 文化传媒 广告 "
    "投资 投资管理 资产管理 环保科技 环保工程 新材料 化工 农业发展 旅游开发 人力资源服务 "
    "教育咨询 融资租赁 供应链管理 能源 新能源科技 矿业 水泥 纺织 服装 家具 印务 通信 保险代理 "
    "小额贷款 城市建设投资 水务 燃气 公共交通"
)
# Legal forms, and how many in a hundred companies have each.
FORMS = {
    "有限公司": 70,
    "有限责任公司": 14,
    "股份有限公司": 7,
    "集团有限公司": 5,
    "控股集团有限公司": 1,
    "集团股份有限公司": 1,
    "公司": 2,
}
INSTITUTIONS = words(
    "人民医院 中医医院 妇幼保健院 实验小学 高级中学 殡葬服务中心 疾病预防控制中心 自来水厂 "
    "人民政府办公室 供销合作社 水利工程管理局 职业技术学院 律师事务所 会计师事务所 "
    "农业科学研究所 机床厂 纺织厂 建筑工程公司"
)
NUMBERED_INSTITUTIONS = ("医院", "中学", "小学", "厂")
ORDINALS = words("第一 第二 第三 第四 第五 第六")
BANK_BRANCHES = ("分行", "支行", "分行营业部")
COMPANY_BRANCHES = ("分公司", "分公司", "分公司", "办事处", "第二项目部", "人民路店")
INSTITUTION_BRANCHES = ("分院", "东城分部", "工会委员会", "劳动服务公司")
GROUP_TRADES = ("财务", "置业", "第二工程")
