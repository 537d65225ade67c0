"""The trades: stable codes, plain names."""

import re

import pytest

from gigmarket.domain import trade as trades
from gigmarket.domain.errors import Invalid
from gigmarket.domain.trade import BY_CODE, TRADES, Trade

PROMISED = [
    *("porter", "cleaner", "packer", "builder", "kitchen", "waiter"),
    *("warehouse", "gardener", "herb_sorter", "assembler", "driver", "guard"),
]


@pytest.mark.parametrize("code", PROMISED)
def test_the_promised_trades_are_there(code: str) -> None:
    assert trades.known(code) == code


def test_codes_are_unique_and_stable_words() -> None:
    assert len(BY_CODE) == len(TRADES)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", trade.code) for trade in TRADES)


@pytest.mark.parametrize("trade", TRADES, ids=lambda trade: trade.code)
def test_every_trade_has_both_names(trade: Trade) -> None:
    assert re.fullmatch(r"[\u4e00-\u9fff]+", trade.zh)
    assert re.fullmatch(r"[A-Z][a-z ]+", trade.en)


@pytest.mark.parametrize("code", ["", "Porter", " porter", "搬运"])
def test_an_unknown_trade_names_the_field_it_stood_in(code: str) -> None:
    with pytest.raises(Invalid) as refused:
        trades.known(code, "site.trade")
    assert [error.path for error in refused.value.errors] == ["site.trade"]
