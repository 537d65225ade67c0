"""Trades (工种) a gig can ask for and a worker can offer."""

from dataclasses import dataclass

from gigmarket.domain.errors import Invalid


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade's stable code and its plain names."""

    code: str
    zh: str
    en: str


TRADES: tuple[Trade, ...] = (
    Trade("porter", "搬运", "Porter"),
    Trade("cleaner", "保洁", "Cleaner"),
    Trade("packer", "打包", "Packer"),
    Trade("builder", "建筑小工", "Builder"),
    Trade("kitchen", "帮厨", "Kitchen hand"),
    Trade("waiter", "服务员", "Waiter"),
    Trade("warehouse", "仓库", "Warehouse"),
    Trade("gardener", "园林绿化", "Gardener"),
    Trade("herb_sorter", "药材分拣", "Herb sorter"),
    Trade("assembler", "装配", "Assembler"),
    Trade("driver", "司机", "Driver"),
    Trade("guard", "保安", "Guard"),
    Trade("farmhand", "农活", "Farm hand"),
    Trade("carer", "护工", "Carer"),
)

BY_CODE: dict[str, Trade] = {trade.code: trade for trade in TRADES}


def known(code: str, path: str = "trade") -> str:
    """The code itself when it is a known trade; raises Invalid naming the field otherwise."""
    if code not in BY_CODE:
        raise Invalid.field(path, f"unknown trade {code!r}; GET /api/v1/trades lists them")
    return code
