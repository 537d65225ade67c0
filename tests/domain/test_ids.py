"""Ids that sort by time, site codes, and the principals that own a stream."""

import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain.ids import (
    EmployerId,
    Principal,
    StationId,
    StreamOwner,
    WorkerId,
    employer_principal,
    new_id,
    new_site_code,
    station_principal,
    worker_principal,
)
from tests.domain.samples import NOW

instants = st.datetimes(datetime(2000, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(instants, st.integers())
def test_an_id_is_26_letters_of_crockfords_alphabet(at: datetime, seed: int) -> None:
    assert re.fullmatch(r"[0-7][0-9a-hjkmnp-tv-z]{25}", new_id(at, random.Random(seed)))


@given(instants, instants)
def test_ids_sort_by_their_millisecond(a: datetime, b: datetime) -> None:
    earlier, later = sorted((a, b))
    if later - earlier >= timedelta(milliseconds=1):
        assert new_id(earlier, random.Random(1)) < new_id(later, random.Random(2))


def test_ids_of_one_millisecond_differ() -> None:
    rng = random.Random(7)
    assert len({new_id(NOW, rng) for _ in range(10_000)}) == 10_000


def test_an_id_can_be_read_back_to_its_time() -> None:
    value = 0
    for letter in new_id(NOW, random.Random(7)):
        value = value * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(letter)
    assert datetime.fromtimestamp((value >> 80) / 1000, UTC) == NOW


def test_a_site_code_is_six_digits_with_leading_zeros() -> None:
    rng = random.Random(7)
    codes = [new_site_code(rng) for _ in range(5_000)]
    assert all(re.fullmatch(r"[0-9]{6}", code) for code in codes)
    assert any(code.startswith("0") for code in codes)
    assert len(set(codes)) > 4_900


@pytest.mark.parametrize(
    ("principal", "kind", "name"),
    [
        (worker_principal(WorkerId("w1")), StreamOwner.WORKER, "worker:w1"),
        (employer_principal(EmployerId("e1")), StreamOwner.EMPLOYER, "employer:e1"),
        (station_principal(StationId("s1")), StreamOwner.STATION, "station:s1"),
    ],
)
def test_a_principal_is_its_kind_and_id(principal: Principal, kind: StreamOwner, name: str) -> None:
    assert (principal.kind, str(principal)) == (kind, name)


def test_principals_of_different_kinds_never_meet() -> None:
    assert worker_principal(WorkerId("x")) != employer_principal(EmployerId("x"))
