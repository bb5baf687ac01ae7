"""Networks as an operator names them."""

from ipaddress import ip_network

import pytest
from pydantic import TypeAdapter, ValidationError

from netscript_kernel.networks import Networks, is_within

ADAPTER: TypeAdapter[Networks] = TypeAdapter(Networks)
TRUSTED = (ip_network("10.1.2.0/24"), ip_network("fd00::/64"))


def test_networks_and_single_addresses_are_read() -> None:
    found = ADAPTER.validate_python(" 10.1.2.0/24, 127.0.0.1 ,fd00::7")

    assert [str(each) for each in found] == ["10.1.2.0/24", "127.0.0.1/32", "fd00::7/128"]


@pytest.mark.parametrize(
    "entry", ["10.1.2.3/24", "proxy.acme.example", "10.1.2", "10.0.0.0/33", "secret-value"]
)
def test_what_is_no_network_is_told_by_its_place_and_not_by_its_value(entry: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ADAPTER.validate_python(f"127.0.0.1,{entry}")

    (error,) = caught.value.errors(include_input=False, include_url=False)
    assert "number 2" in error["msg"]
    assert entry not in error["msg"]


@pytest.mark.parametrize("gap", ["", ",", "127.0.0.1,", ",127.0.0.1"])
def test_an_entry_that_is_empty_is_no_network(gap: str) -> None:
    with pytest.raises(ValidationError, match="no network"):
        ADAPTER.validate_python(gap)


@pytest.mark.parametrize("wide", ["0.0.0.0/0", "::/0", "0.0.0.0/1,128.0.0.0/1", "10.0.0.0/7", "fc00::/7"])
def test_half_of_the_internet_is_no_network_of_ones_own(wide: str) -> None:
    with pytest.raises(ValidationError, match="too wide"):
        ADAPTER.validate_python(wide)


@pytest.mark.parametrize("wide", ["::/16", "::/96", "::ffff:0:0/96", "::ffff:10.0.0.0/103"])
def test_a_network_around_the_loopback_or_of_all_mapped_addresses_is_too_wide(wide: str) -> None:
    with pytest.raises(ValidationError, match="too wide"):
        ADAPTER.validate_python(wide)


@pytest.mark.parametrize("entry", ["::ffff:10.1.2.3", "::ffff:10.1.2.0/120", "::ffff:a01:203"])
def test_an_ipv4_network_in_the_words_of_ipv6_is_the_one_it_stands_for(entry: str) -> None:
    (network,) = ADAPTER.validate_python(entry)

    assert network.version == 4
    assert is_within("10.1.2.3", [network])
    assert is_within("::ffff:10.1.2.3", [network])
    assert not is_within("10.1.3.3", [network])


@pytest.mark.parametrize("peer", ["10.1.2.3", "::ffff:10.1.2.3", "fd00::1"])
def test_a_peer_in_a_network_is_within(peer: str) -> None:
    assert is_within(peer, TRUSTED)


@pytest.mark.parametrize("peer", [None, "", "10.1.3.3", "fd01::1", "unix:", "10.1.2.3,10.1.2.4", "010.1.2.3"])
def test_any_other_peer_is_not(peer: str | None) -> None:
    assert not is_within(peer, TRUSTED)
