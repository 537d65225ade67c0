"""Every number of the policy stands on the rule page, or has a reason not to."""

from dataclasses import fields, replace

import pytest

from gigmarket.domain.policy import DEFAULT, Policy
from gigmarket.domain.rulebook import INTERNAL, rules, told

CITY = replace(DEFAULT, least_wage_fen_per_hour=1610, hold_live_s=60)
NAMES = [field.name for field in fields(Policy)]


@pytest.mark.parametrize("name", NAMES)
def test_every_field_is_told_or_internal_with_a_reason(name: str) -> None:
    assert (name in told()) != bool(INTERNAL.get(name))


def test_nothing_else_is_listed() -> None:
    assert INTERNAL.keys() <= set(NAMES)


@pytest.mark.parametrize("name", sorted(told()))
def test_another_number_makes_another_sentence(name: str) -> None:
    changed = rules(replace(CITY, **{name: getattr(CITY, name) + 7}))

    assert sum(a.zh != b.zh and a.en != b.en for a, b in zip(changed, rules(CITY), strict=True)) >= 1


def test_a_rule_that_is_off_is_not_told() -> None:
    assert {rule.code for rule in rules(CITY)} - {rule.code for rule in rules(DEFAULT)} == {
        "minimum_wage",
        "hold",
    }


def test_what_weighs_is_told_by_the_hour() -> None:
    sentences = {rule.code: rule for rule in rules(DEFAULT)}

    assert "活长 1 小时，算 56 秒的路" in sentences["cost"].zh
    assert "each hour counts as 6 min of travel" in sentences["waiting"].en
    assert not any("1 秒算" in rule.zh or " 0 秒" in rule.zh for rule in sentences.values())


def test_the_numbers_in_force_read_as_people_say_them() -> None:
    sentences = {rule.code: rule for rule in rules(replace(DEFAULT, circle_s=5400, kiosk_offer_s=90))}

    assert "1 小时 30 分钟" in sentences["circle"].zh
    assert "1 h 30 min" in sentences["circle"].en
    assert "1 分钟 30 秒" in sentences["offer"].zh
