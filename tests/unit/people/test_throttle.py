"""Waiting after wrong guesses, by user and by address."""

import pytest

from controller.service.people.throttle import AddressThrottle, neighbourhood, wait_after


def test_the_wait_doubles_and_has_an_end() -> None:
    assert [wait_after(count) for count in (0, 4, 5, 6, 10, 14, 15, 10**9)] == [
        *(0, 0, 1, 2, 32, 512),
        *(900, 900),
    ]


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("fe80::1%eth0", "fe80::2", True),
        ("", "10.0.0.1", False),
    ],
)
def test_a_network_of_one_hand_is_one_address(one: str, other: str, *, is_same: bool) -> None:
    assert (neighbourhood(one) == neighbourhood(other)) is is_same


def test_an_address_waits_until_its_failures_are_old() -> None:
    throttle = AddressThrottle()
    for second in range(30):
        assert throttle.wait_s("10.0.0.1", 1000.0 + second) == 0
        throttle.fail("10.0.0.1", 1000.0 + second)
    assert throttle.wait_s("10.0.0.1", 1030.0) == 570
    assert throttle.wait_s("10.0.0.2", 1030.0) == 0
    assert throttle.wait_s("10.0.0.1", 1600.0) == 0


def test_what_was_right_is_taken_back() -> None:
    throttle = AddressThrottle()
    for _ in range(100):
        throttle.fail("10.0.0.1", 1000.0)
        throttle.forgive("10.0.0.1")
    assert throttle.wait_s("10.0.0.1", 1000.0) == 0
    throttle.forgive("10.0.0.9")  # of nobody: nothing


def test_the_memory_has_an_end() -> None:
    throttle = AddressThrottle(free=1)
    throttle.fail("10.0.0.1", 1000.0)
    for number in range(10_000):
        throttle.fail(f"10.1.{number // 256}.{number % 256}", 1001.0)
    assert throttle.wait_s("10.0.0.1", 1001.0) == 0  # the oldest is forgotten
    assert throttle.wait_s("10.1.39.15", 1001.0) > 0
