"""Names for the demo's people: made up from common characters, no real person or firm meant."""

import random
from dataclasses import dataclass

from gigmarket.domain.gig import WageUnit

FAMILY = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任"
    "姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严覃武莫孔向汤"
)
GIVEN_FIRST = "建国志文小晓春秋玉明海永德新学金水根福长家庆美丽秀桂红兰燕雪思宇子俊佳欣"
GIVEN_SECOND = "华军平生强勇伟明辉波涛斌林龙飞鹏英芳敏静丽娟霞梅琴萍玲莲香云花凤珍清妹宝祥旺兴发"

EMPLOYER_PLACES = ("药都", "樟树", "清江", "阁山", "赣中", "四特", "三皇宫", "仁和", "临江", "盐城")
EMPLOYER_TRADES = (
    "物流",
    "中药饮片厂",
    "仓储",
    "装饰工程",
    "餐饮",
    "家政",
    "园林",
    "金属家具",
    "超市",
    "建筑",
    "农场",
    "养老院",
    "酒店",
    "物业",
    "果蔬批发",
    "印刷包装",
    "快递分拨",
    "食品加工",
    "会展服务",
    "搬家公司",
)

ROADS = (
    "药都大道",
    "共和路",
    "四特大道",
    "盐城大道",
    "杏佛路",
    "府桥路",
    "仁和路",
    "滨江路",
    "站前路",
    "文峰路",
)


@dataclass(frozen=True, slots=True)
class Work:
    """What gigs of one trade are called and pay: a weight, titles, the usual unit and range in fen."""

    weight: float
    titles: tuple[str, ...]
    per: WageUnit
    least_fen: int
    most_fen: int


WORK: dict[str, Work] = {
    "porter": Work(16, ("搬运药材", "卸货搬箱", "搬家帮手", "码头装卸"), WageUnit.DAY, 18_000, 26_000),
    "cleaner": Work(12, ("开荒保洁", "办公楼保洁", "擦玻璃"), WageUnit.HOUR, 1_800, 3_000),
    "packer": Work(12, ("饮片打包", "快递打包", "礼盒包装"), WageUnit.PIECE, 30, 120),
    "builder": Work(9, ("工地小工", "砌墙帮手", "拆旧清运"), WageUnit.DAY, 20_000, 32_000),
    "kitchen": Work(8, ("帮厨洗切", "宴席帮厨", "食堂打荷"), WageUnit.HOUR, 1_700, 2_600),
    "waiter": Work(8, ("婚宴传菜", "会议服务", "餐厅服务员"), WageUnit.HOUR, 1_700, 2_500),
    "warehouse": Work(10, ("仓库分拣", "盘点理货", "夜班上架"), WageUnit.HOUR, 1_700, 2_600),
    "gardener": Work(4, ("绿化养护", "苗木栽种"), WageUnit.DAY, 15_000, 22_000),
    "herb_sorter": Work(9, ("药材分拣", "枳壳去瓤", "饮片挑选"), WageUnit.PIECE, 50, 200),
    "assembler": Work(5, ("柜体装配", "货架安装"), WageUnit.HOUR, 1_900, 2_900),
    "driver": Work(2, ("送货司机", "叉车司机"), WageUnit.DAY, 22_000, 32_000),
    "guard": Work(2, ("展会保安", "门岗替班"), WageUnit.DAY, 14_000, 20_000),
    "farmhand": Work(2, ("采摘吴茱萸", "插秧收菜"), WageUnit.DAY, 14_000, 20_000),
    "carer": Work(1, ("医院陪护", "老人照护"), WageUnit.DAY, 18_000, 28_000),
}
"""Every trade of the market; weights are relative."""


def person_name(rng: random.Random) -> str:
    """A family name and a given name of one or two characters."""
    given = rng.choice(GIVEN_SECOND)
    if rng.random() < 0.75:
        given = rng.choice(GIVEN_FIRST) + given
    return rng.choice(FAMILY) + given


def employer_name(rng: random.Random) -> str:
    """A made-up firm of the city."""
    return rng.choice(EMPLOYER_PLACES) + rng.choice(EMPLOYER_TRADES)


def address(rng: random.Random, area: str) -> str:
    """An address in words within an area."""
    return f"{area}{rng.choice(ROADS)} {rng.randrange(1, 400)} 号"
