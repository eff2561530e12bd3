"""Where companies sit, and how their names say so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seat:
    """A city. code: what its province has as signs 3 and 4 of a unite_code. counties: some of the city's."""

    province: str
    code: str
    city: str
    counties: tuple[str, ...]

    @classmethod
    def parse(cls, line: str) -> Seat:
        """Read `province code city county...`."""
        province, code, city, *counties = line.split()
        return cls(province, code, city, tuple(counties))


SEATS = tuple(
    Seat.parse(line)
    for line in (
        "北京市 11 北京市 海淀区 朝阳区",
        "上海市 31 上海市 浦东新区 嘉定区",
        "重庆市 50 重庆市 渝北区 垫江县",
        "河北省 13 石家庄市 正定县 辛集市",
        "山西省 14 太原市 清徐县",
        "内蒙古自治区 15 包头市 昆都仑区",
        "辽宁省 21 大连市 瓦房店市",
        "黑龙江省 23 哈尔滨市 尚志市",
        "江苏省 32 苏州市 昆山市 吴中区",
        "江苏省 32 南通市 如皋市",
        "浙江省 33 杭州市 余杭区 建德市",
        "浙江省 33 金华市 义乌市 东阳市",
        "安徽省 34 合肥市 肥西县",
        "福建省 35 泉州市 晋江市",
        "江西省 36 九江市 瑞昌市",
        "山东省 37 青岛市 胶州市",
        "河南省 41 郑州市 新郑市",
        "湖北省 42 宜昌市 枝江市",
        "湖南省 43 长沙市 长沙县 浏阳市",
        "广东省 44 深圳市 南山区 福田区",
        "广东省 44 佛山市 顺德区",
        "广西壮族自治区 45 桂林市 阳朔县",
        "海南省 46 三亚市 吉阳区",
        "四川省 51 绵阳市 江油市 安州区",
        "四川省 51 乐山市 峨眉山市",
        "贵州省 52 遵义市 仁怀市",
        "云南省 53 昆明市 安宁市",
        "陕西省 61 西安市 蓝田县",
        "甘肃省 62 天水市 麦积区",
        "新疆维吾尔自治区 65 喀什地区 莎车县",
    )
)
_RANKS = ("维吾尔自治区", "壮族自治区", "自治区", "地区", "新区", "省", "市", "县", "区")


def bare(place: str) -> str:
    """A place without its rank, 绵阳 for 绵阳市, but where a single sign would be left."""
    for rank in _RANKS:
        if place.endswith(rank) and len(place) - len(rank) >= 2:
            return place[: -len(rank)]
    return place


def ways_to_name(seat: Seat, county: str) -> dict[tuple[str, ...], int]:
    """The ways in which a name tells its seat, none among them, and how often each is met."""
    province, city = seat.province, seat.city
    return {
        (city[:-1] if len(city) > 2 and city.endswith("市") else city,): 52,
        (city,): 14,
        (bare(province),): 10,
        (province, city) if province != city else (city,): 3,
        (city, county): 5,
        (county,) if county.endswith(("市", "县")) else (city, county): 7,
        (bare(county),) if county.endswith("市") else (bare(city),): 5,
        (): 5,
    }
