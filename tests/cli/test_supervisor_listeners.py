"""Who listens at an address is seen, whichever way the address is held."""

import os
import socket
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from netscript_cli.supervisor.listeners import stranger_at
from tests.support.ports import unused_port

NOBODY = 2**22 + 1
"""More than any process has for a number."""

DUAL = ["::"] if socket.has_dualstack_ipv6() else []


@contextmanager
def listening(host: str, number: int = 0) -> Generator[int]:
    """Hold a port in this process, any by default."""
    is_dual = host == "::"
    family = socket.AF_INET6 if is_dual else socket.AF_INET
    with socket.create_server((host, number), family=family, dualstack_ipv6=is_dual) as held:
        port: int = held.getsockname()[1]
        yield port


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", *DUAL])  # noqa: S104 - what a program may do
def test_who_holds_a_port_is_a_stranger_to_others_alone(host: str) -> None:
    with listening(host) as port:
        seen = [stranger_at("127.0.0.1", port, each) for each in (NOBODY, os.getpid(), os.getppid())]

    assert seen == [os.getpid(), None, None]


def test_who_listens_elsewhere_is_no_stranger_here() -> None:
    with listening("127.0.0.2", unused_port()) as port:
        seen = [stranger_at(host, port, NOBODY) for host in ("127.0.0.1", "::1", "localhost")]

    assert seen == [None, None, None]
