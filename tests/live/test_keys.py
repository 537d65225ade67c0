import re

import pytest

from gigmarket.live.keys import Keys, digest_of


def every_key(keys: Keys) -> list[str]:
    plain = [keys.positions, keys.fresh, keys.gigs, keys.epoch, keys.bus, keys.wake, keys.control, keys.inbox]
    named = [keys.workers("porter"), keys.lease("dispatcher"), keys.ticket("t"), keys.otp("p")]
    return [*plain, *named, keys.limit("otp", "s")]


def test_every_key_carries_the_city_as_its_only_hash_tag() -> None:
    for key in every_key(Keys("zhangshu")):
        assert re.findall(r"\{(.*?)\}", key) == ["zhangshu"], key


def test_no_two_keys_are_alike() -> None:
    made = [*every_key(Keys("zhangshu")), *every_key(Keys("yichun"))]
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("city", ["", "a}b", "{", "Zhangshu", "樟树", "a b", "a:b", "x" * 65])
def test_a_city_that_would_break_the_tag_is_refused(city: str) -> None:
    with pytest.raises(ValueError, match="a city is named by"):
        Keys(city)


def test_a_digest_does_not_show_what_it_stands_for() -> None:
    assert digest_of("13812345678") != digest_of("13812345679")
    assert re.fullmatch("[0-9a-f]{64}", digest_of("13812345678"))
