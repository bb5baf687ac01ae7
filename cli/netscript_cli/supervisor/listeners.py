"""Who listens at an address of this machine, as far as Linux tells (proc_net_tcp(5), proc_pid_fd(5))."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Final

from netscript_cli.supervisor import guard

_TABLES: Final = ("/proc/net/tcp", "/proc/net/tcp6")
_LISTENS: Final = "0A"
_WORD: Final = 4


def stranger_at(host: str, port: int, process: int) -> int | None:
    """Return a process that answers there and is neither a given one nor below it.

    ``None`` where there is none, and where that cannot be seen: it belongs to another user, or is in a
    container, the host is a name, or this is no Linux.
    """
    foreign = _sockets_at(host, port)
    if not foreign:
        return None
    ours = {process, *guard.descendants(of=process)}
    for each in ours:
        foreign.difference_update(_sockets_of(each))
    if not foreign:
        return None
    return next((each for each in _processes() if each not in ours and foreign & _sockets_of(each)), None)


def _sockets_at(host: str, port: int) -> set[str]:
    """Return what listens where a connection to an address may lead."""
    try:
        address = ip_address(host)
    except ValueError:
        return set()
    wanted = {f"{each}:{port:04X}" for each in _spellings(address)}
    found = set[str]()
    for table in _TABLES:
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENS and fields[1] in wanted:
                    found.add(f"socket:[{fields[9]}]")
    return found


def _spellings(address: IPv4Address | IPv6Address) -> Iterator[str]:
    yield _in_hex(address)
    yield _in_hex(IPv6Address("::"))
    if isinstance(address, IPv4Address):
        yield _in_hex(IPv4Address("0.0.0.0"))  # noqa: S104 - nothing is bound to it
        yield _in_hex(IPv6Address(f"::ffff:{address}"))


def _in_hex(address: IPv4Address | IPv6Address) -> str:
    """Return it as the kernel does: numbers of 32 bits in the byte order of the machine."""
    packed = address.packed
    words = (packed[at : at + _WORD] for at in range(0, len(packed), _WORD))
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)


def _sockets_of(process: int) -> set[str]:
    found = set[str]()
    with suppress(OSError):  # it has ended, or is somebody else's
        for each in Path(f"/proc/{process}/fd").iterdir():
            with suppress(OSError):
                found.add(str(each.readlink()))
    return found


def _processes() -> list[int]:
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdecimal()]
