"""Whether a port can be had is found out before anything starts, with the reason where it cannot."""

import socket

import pytest

from netscript_kernel.errors import ConfigurationError
from netscript_kernel.free_ports import LOOPBACK, PortRefusal, refusal_of, require_free_port


def listener() -> socket.socket:
    return socket.create_server((LOOPBACK, 0))


def port_of(server: socket.socket) -> int:
    port: int = server.getsockname()[1]
    return port


def test_a_port_at_which_something_listens_is_taken() -> None:
    with listener() as server:
        refusal = refusal_of(port_of(server))

    assert refusal == PortRefusal(is_taken=True, words="Address already in use")


def test_a_port_at_which_nothing_listens_is_free(free_port: int) -> None:
    assert refusal_of(free_port) is None


def test_a_connection_that_has_just_ended_is_in_nobodys_way() -> None:
    with listener() as server:
        port = port_of(server)
        with socket.create_connection((LOOPBACK, port)) as client:
            accepted, _ = server.accept()
            accepted.close()  # first, so that the end that stays for a while is the server's
            assert client.recv(1) == b""

    assert refusal_of(port) is None


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_an_address_that_is_not_of_this_machine_is_refused_and_not_taken(host: str) -> None:
    refusal = refusal_of(8094, host)

    assert refusal is not None
    assert not refusal.is_taken
    assert refusal.words


def test_a_port_that_cannot_be_had_is_a_fault_of_its_variable() -> None:
    with listener() as server:
        port = port_of(server)
        with pytest.raises(ConfigurationError) as raised:
            require_free_port(LOOPBACK, port, "PORT")

    (fault,) = raised.value.faults
    assert fault.variable == "PORT"
    assert fault.problem == f"is {port}, which cannot be used on 127.0.0.1 (Address already in use)"
    assert fault.fix == "stop what listens there, or set PORT to a free port"
