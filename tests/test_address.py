"""What a tab makes of the address that a browser shows."""

import pytest

from ganviz.ui.address import AGAIN_SECONDS, HEARD_SECONDS, Address

OLD, NEW, OTHER = {"width": "8"}, {"run": "a1", "width": "8"}, {"run": "b2"}


def fresh() -> Address:
    """Set just now, while the browser showed `OLD`."""
    address = Address()
    address.adopt(OLD)
    address.set(NEW, OLD)
    return address


def test_in_the_redraw_that_sets_an_address_we_only_hear_ourselves() -> None:
    address = fresh()
    assert not address.left_for(OLD, by_history=False)
    assert not address.left_for(OTHER, by_history=False)
    address.hear(NEW)
    assert address.is_new
    assert address.left_for(OTHER, by_history=True)


def test_the_address_from_before_is_late_news_until_the_new_one_was_heard_of() -> None:
    address = fresh()
    address.in_hand = False
    assert not address.left_for(OLD, by_history=False)
    address.hear(NEW)
    assert address.left_for(OLD, by_history=False)
    assert not address.is_new


def test_back_is_never_late_news() -> None:
    address = fresh()
    address.in_hand = False
    assert address.left_for(OLD, by_history=True)
    assert not address.left_for(NEW, by_history=True)


@pytest.mark.parametrize(("seconds", "left"), [(0.0, False), (HEARD_SECONDS, True)])
def test_after_a_while_any_third_address_is_a_persons(seconds: float, left: bool) -> None:
    address = fresh()
    address.in_hand = False
    address.since -= seconds
    assert address.left_for(OTHER, by_history=False) == left


def test_a_browser_that_does_not_hear_is_told_again_after_a_while() -> None:
    address = fresh()
    assert not address.is_lost(OLD)
    address.since -= AGAIN_SECONDS
    assert address.is_lost(OLD)
    assert not address.is_lost(NEW)


def test_asking_changes_nothing() -> None:
    address = fresh()
    address.in_hand = False
    before = (address.settings, address.before, address.since)
    assert not address.left_for(NEW, by_history=False)
    assert address.is_new
    assert (address.settings, address.before, address.since) == before
