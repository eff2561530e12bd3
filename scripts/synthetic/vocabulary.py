"""The words that company names are made of. A part of them no table of the verdict knows."""

from __future__ import annotations


def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


BRAND_SIGNS = (
    "华盛鑫泰宏远安平联合信达金瑞通天东方海德嘉恒立本川岭峰岳江河润丰庆祥凯旋博雅星辰宇航新元创智诚明"
    "光正兴业永康森隆鼎晟茂利亿佳美伟科力源裕腾龙旺顺吉福禄景春晖云帆翔鹏锦绣佰纳维尔斯特曼奥迪朗"
)
FAMOUS_SHAPES = words(
    "长江 黄河 三一 八方 九州 百川 千禧 四通 五洲 朝阳 长城 东海 一得阁 六必居 城投 国投 TCL ABB "
    "二七 十里香 万年青 老乡亲 南海 西湖 市民之家 大中华 新中国 九牧 七匹马"
)
BANK = "银行"
TRADES = words(
    "科技 科技发展 信息技术 网络科技 贸易 商贸 进出口贸易 建设 建设工程 建筑工程 建筑劳务 建材 "
    "房地产开发 物业管理 物业服务 物流 运输 电子 电子科技 电力 电力工程 机械制造 机械设备 种子 "
    "汽车销售 汽车零部件 医药 医药科技 生物科技 生物医药 食品 餐饮管理 酒店管理 文化传媒 广告 "
    "投资 投资管理 资产管理 环保科技 环保工程 新材料 化工 农业发展 旅游开发 人力资源服务 市政工程 "
    "教育咨询 融资租赁 供应链管理 能源 新能源科技 矿业 水泥 纺织 服装 家具 印务 通信 保险代理 "
    "小额贷款 城市建设投资 水务 燃气 公共交通 百货 粮油 五金制品 塑料制品 钢结构工程 装饰设计工程 "
    "路桥工程 锅炉技术 木业 皮业 茶业 酒业 生态农业 养殖 水产冷冻 医疗器械 劳务派遣 会展服务 "
    # no words of eqcbatch/tables/trades.txt, or made of such
    "无人机 宠物用品 民宿 露营装备 预制菜 电竞 碳汇 氢能 微电网 月嫂 拍卖行 淘金设备 雕塑 烟花爆竹 "
    "滑雪场运营 菌草 蚕丝被 石斛 柚子深加工 稀土永磁 传感 光刻 膜结构 救援 房车 沉香 陶艺 香料"
)
CUTS = (0, 2)  # signs of a trade that an abbreviation keeps
# Legal forms, and how many in a hundred companies have each.
FORMS = {
    "有限公司": 64,
    "有限责任公司": 14,
    "股份有限公司": 8,
    "集团有限公司": 4,
    "（集团）有限公司": 1,
    "控股集团有限公司": 1,
    "控股有限公司": 1,
    "集团股份有限公司": 1,
    "公司": 4,
    "总公司": 1,
    "集团公司": 1,
}
LIMITED = {"有限公司": "有限责任公司", "有限责任公司": "有限公司"}
PARTNERSHIPS = ("普通合伙", "特殊普通合伙", "有限合伙")
SHOPS = words(
    "机械厂 塑料厂 服装厂 木制品厂 食品厂 五金商店 综合门市部 大酒店 加油站 养殖场 代销店 旅社 商场"
)
PLANTS = words("一厂 二厂 三厂 东厂 西厂 北区 南区 二期")  # in brackets at the end
INSTITUTIONS = words(
    "人民医院 中医医院 妇幼保健院 实验小学 高级中学 殡葬服务中心 疾病预防控制中心 自来水厂 "
    "人民政府办公室 供销合作社 水利工程管理局 职业技术学院 律师事务所 会计师事务所 "
    "农业科学研究所 机床厂 纺织厂 建筑工程公司 教育局 财政局 公安局 民政局 公路管理局 图书馆 广播电视台"
)
OFFICES = INSTITUTIONS[18:]  # those that every county has
NUMBERED_INSTITUTIONS = ("医院", "中学", "小学", "厂")
OWN_BODIES = words("研究院 设计院 职业技术学院 幼儿园 医院 小学 培训学校 研究所 工会 展览馆")
ORDINALS = words("第一 第二 第三 第四 第五 第六 第七 第十 第十二 第十八 第二十 第二十九")
BANK_BRANCHES = ("分行", "支行", "支行", "支行", "分理处", "分行营业部")
COMPANY_BRANCHES = (
    "分公司",
    "分公司",
    "分公司",
    "支公司",
    "办事处",
    "第二项目部",
    "人民路店",
    "加油站",
    "营业部",
)
INSTITUTION_BRANCHES = ("分院", "东城分部", "工会委员会", "劳动服务公司")
GROUP_TRADES = ("财务", "置业", "第二工程")
