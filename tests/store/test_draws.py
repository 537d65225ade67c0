"""Published anchors."""

from datetime import timedelta

import pytest

from gigmarket.domain.errors import NotFound
from gigmarket.store.draws import DrawChain
from gigmarket.store.transaction import Transaction
from tests.domain.samples import NOW

pytestmark = pytest.mark.contract


def test_a_chain_comes_back_as_opened(tx: Transaction) -> None:
    chain = tx.draws.open("zhangshu", "ab" * 32, 1000, NOW)

    assert tx.draws.get(chain) == DrawChain(chain, "zhangshu", "ab" * 32, 1000, NOW)


def test_an_unknown_chain_is_not_found(tx: Transaction) -> None:
    with pytest.raises(NotFound):
        tx.draws.get(987_654)


def test_a_citys_chains_come_newest_first(tx: Transaction) -> None:
    later = NOW + timedelta(hours=1)
    first = tx.draws.open("zhangshu", "aa" * 32, 10, NOW)
    tx.draws.open("elsewhere", "bb" * 32, 10, NOW)
    second = tx.draws.open("zhangshu", "cc" * 32, 10, later)

    assert [chain.id for chain in tx.draws.recent("zhangshu", 10)] == [second, first]
    assert [chain.id for chain in tx.draws.recent("zhangshu", 1)] == [second]
