"""How a client behaves: waits, retries, sizes, and the headers that it sends along."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias, TypedDict

from netscript_kernel.clock import Clock, SystemClock


@dataclass(frozen=True, slots=True)
class OutgoingCall:
    """What a contributor of headers is told of a call that is about to be sent.

    Attributes:
        contract: Name of the contract, such as ``users``.
        operation: Name of the operation, such as ``find``.
        method: HTTP method.
    """

    contract: str
    operation: str
    method: str


HeaderContributor: TypeAlias = Callable[[OutgoingCall], Awaitable[Mapping[str, str]]]
"""Returns headers for a call, such as a bearer token; asked anew each time that the call is sent."""


class ClientOptions(TypedDict, total=False):
    """How a client behaves; whatever makes a client takes each of these.

    Attributes:
        timeout: For connecting, and for each piece of the answer; 10 s.
        retries: How often an idempotent call (GET, DELETE) is sent again after a lost connection or a 502,
            503 or 504; twice. Other calls are sent once.
        longest_wait: A service that asks to wait longer than this is not asked again; 10 s.
        answer_limit: Largest answer, in bytes; 1 MiB.
        headers: Sent with every call: credentials, for example.
        contributors: Asked for more headers before each sending, in order; a later one wins.
        sleep: Waits for some seconds; given by tests.
        jitter: Chooses a wait between zero and its argument, in seconds.
        clock: Reads ``Retry-After`` dates.
    """

    timeout: timedelta
    retries: int
    longest_wait: timedelta
    answer_limit: int
    headers: Mapping[str, str]
    contributors: Sequence[HeaderContributor]
    sleep: Callable[[float], Awaitable[None]]
    jitter: Callable[[float], float]
    clock: Clock


def _jitter(ceiling: float) -> float:
    return random.uniform(0, ceiling)  # noqa: S311 - spreads retries, guards nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPolicy:
    """The same, with a value for each."""

    timeout: timedelta = timedelta(seconds=10)
    retries: int = 2
    longest_wait: timedelta = timedelta(seconds=10)
    answer_limit: int = 1024 * 1024
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    contributors: Sequence[HeaderContributor] = ()
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[float], float] = _jitter
    clock: Clock = field(default_factory=SystemClock)


def joined_options(common: ClientOptions, own: ClientOptions) -> ClientOptions:
    """Return the options of one client in a group: its own win, headers of both are sent."""
    joined = ClientOptions(**common)
    joined.update(own)
    joined["headers"] = {**common.get("headers", {}), **own.get("headers", {})}
    joined["contributors"] = (*common.get("contributors", ()), *own.get("contributors", ()))
    return joined
