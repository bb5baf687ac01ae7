"""Who asks: the peer, or what a trusted proxy says, and never what an untrusted one says."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netscript_plugin_auth.limits.clients import Client, Clients

PROXY, OTHER_PROXY = "10.1.2.3", "10.1.2.4"
OURS = "10.1.2.0/24"


def _client(peer: str | None, *says: str, trusted: str | None = OURS) -> Client:
    networks = tuple(ip_network(each) for each in (trusted,) if each is not None)
    headers = [(b"x-forwarded-for", line.encode("latin-1")) for line in says]
    client = (peer, 1) if peer is not None else None
    scope: dict[str, object] = {"type": "http", "client": client, "headers": headers}
    return Clients(networks).of(scope)


@pytest.mark.parametrize(
    ("peer", "block"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        ("::ffff:203.0.113.7", "203.0.113.7/32"),
        ("64:ff9b::cb00:7107", "203.0.113.7/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_a_peer_is_known_by_its_network(peer: str, block: str) -> None:
    assert _client(peer).block == block


@pytest.mark.parametrize(
    ("says", "block"),
    [
        (["203.0.113.7"], "203.0.113.7/32"),
        (["198.51.100.1, 203.0.113.7"], "203.0.113.7/32"),
        (["198.51.100.1", "203.0.113.7"], "203.0.113.7/32"),
        ([f"198.51.100.1, 203.0.113.7, {OTHER_PROXY}"], "203.0.113.7/32"),
        (["203.0.113.7:52100"], "203.0.113.7/32"),
        (["[2001:db8::1]:443"], "2001:db8::/64"),
        (["2001:db8::1"], "2001:db8::/64"),
        ([f"198.51.100.1, nonsense, {OTHER_PROXY}"], f"{OTHER_PROXY}/32"),
        (["198.51.100.1, nonsense"], f"{PROXY}/32"),
        (["198.51.100.1,"], f"{PROXY}/32"),
        ([", ".join(["198.51.100.1", *[OTHER_PROXY] * 40])], f"{OTHER_PROXY}/32"),
        ([], f"{PROXY}/32"),
    ],
)
def test_a_trusted_proxy_is_believed_as_far_as_trust_reaches(says: list[str], block: str) -> None:
    assert _client(PROXY, *says).block == block


def test_what_an_untrusted_peer_says_is_not_read() -> None:
    assert _client("203.0.113.7", "198.51.100.1").block == "203.0.113.7/32"
    assert _client(PROXY, "198.51.100.1", trusted=None).block == f"{PROXY}/32"


@pytest.mark.parametrize(
    ("peer", "says", "may_be_many"),
    [
        ("127.0.0.1", [], True),
        ("172.17.0.1", [], True),
        ("::1", [], True),
        (PROXY, [], True),
        (PROXY, ["192.168.1.20"], True),
        (PROXY, ["203.0.113.7"], False),
        ("203.0.113.7", [], False),
        ("2001:db8::1", [], False),
        (None, [], True),
        ("", [], True),
    ],
)
def test_who_stands_where_proxies_stand_may_be_many(
    peer: str | None, says: list[str], may_be_many: bool
) -> None:
    assert _client(peer, *says).may_be_many is may_be_many


def test_a_local_peer_that_speaks_for_others_is_an_unnamed_proxy() -> None:
    assert _client("127.0.0.1", "203.0.113.7").is_unnamed_proxy
    assert not _client("127.0.0.1").is_unnamed_proxy
    assert not _client(PROXY, "203.0.113.7").is_unnamed_proxy
    assert not _client("203.0.113.7", "198.51.100.1").is_unnamed_proxy, "anybody may say that"


@given(says=st.lists(st.text(st.characters(max_codepoint=255), max_size=40), max_size=3))
def test_whatever_a_header_says_there_is_an_answer(says: list[str]) -> None:
    found = _client(PROXY, *says)

    assert "/" in found.block
