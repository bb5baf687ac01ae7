"""Why the server gave no answer, or not the one that was asked for, in words that an operator can act on.

A server's own words are never repeated: they may hold a key. Its code, such as ``OOM``, is.
"""

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from typing import Final

import hiredis
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from netscript_kernel.errors import NetScriptError, StoreUnavailableError
from netscript_kernel.kv.redis.records import misplaced, unreadable

STORE: Final = "redis"

_CODE: Final = re.compile(r"[A-Z][A-Z0-9]+")
_DENIED: Final = (
    "its access rules deny this user what the store needs; the README of netscript-kernel lists it"
)
_OF_A_CLUSTER: Final = (
    "it is part of a Redis Cluster, which this store does not speak; name a server that is not"
)
_REPLIES: Final = {
    "NOAUTH": "it wants a password; put one into the URL",
    "WRONGPASS": "it does not accept this user and password",
    "NOPERM": _DENIED,
    "READONLY": "it is a replica, which takes no writes; name the primary",
    "OOM": "its memory is full; raise maxmemory, or remove what else is kept there",
    "LOADING": "it is still loading its data",
    "MISCONF": "it cannot save to its disk, and so takes no writes; look at its log",
    "BUSY": "a script of somebody keeps it busy",
    "MASTERDOWN": "it is a replica without its primary; name the primary",
    "NOREPLICAS": "too few of its replicas are connected for it to take writes",
    "NOPROTO": "it is too old; Redis 7.0 or newer, or Valkey, is needed",
    "WRONGTYPE": "another program writes to keys of this store; choose another ?prefix=",
    "MOVED": _OF_A_CLUSTER,
    "ASK": _OF_A_CLUSTER,
    "CROSSSLOT": _OF_A_CLUSTER,
    "CLUSTERDOWN": _OF_A_CLUSTER,
}
# Replies without a code of their own.
_SENTENCES: Final = {
    "ACL failure in script": _DENIED,
    "The user executing the script can't": _DENIED,  # the same, of Redis 7.0
    "max number of clients reached": "it has as many clients as it takes; raise maxclients",
    "DB index is out of range": "it has no database of this number; change the one in the URL",
    "unknown command": "it is too old; Redis 7.0 or newer, or Valkey, is needed",
}
_CAUSES: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (ssl.SSLCertVerificationError, "its certificate is not trusted; SSL_CERT_FILE may name your authority"),
    (ssl.SSLError, "it does not speak TLS as we do; redis:// is for a server without TLS"),
    (socket.gaierror, "its name is not known"),
    (UnicodeError, "its name is not known"),
    (ConnectionRefusedError, "nothing listens there"),
    (TimeoutError, "it did not answer in time"),
    (RedisTimeoutError, "it did not answer in time"),
)
# OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH.
_OTHER_NAME_CODES: Final = frozenset({62, 64})
_OTHER_NAME: Final = "its certificate is for another name than the one in the URL"
_CLOSED_IT: Final = "it closed the connection"
_DEEPEST: Final = 20


class ConnectionLostError(Exception):
    """The connection ended before an answer; a read may be asked again on another."""


def failed(error: BaseException) -> NetScriptError:
    """Say what happened, and what an operator can do about it.

    Args:
        error: Of redis-py, hiredis, the operating system, this package or its scripts.
    """
    match code_of(error):
        case "FORMAT":
            return unreadable()
        case "MISPLACED":
            return misplaced()
        case _:
            return StoreUnavailableError(STORE, explain(error))


def explain(error: BaseException) -> str:
    """Return what an operator should know of a failure."""
    chain = list(_chain(error))
    for link in chain:
        if isinstance(link, hiredis.ReplyError | RedisError) and (words := _explain_reply(link)):
            return words
        if isinstance(link, ssl.SSLCertVerificationError) and link.verify_code in _OTHER_NAME_CODES:
            return _OTHER_NAME
        if isinstance(link, OSError) and _is_refused(link):
            return "nothing listens there"
    known = (words for kind, words in _CAUSES if any(isinstance(link, kind) for link in chain))
    return next(known, None) or _explain_other(chain)


def code_of(error: BaseException) -> str:
    """Return the first word of an error reply, which is its code; empty where it is none."""
    if not isinstance(error, hiredis.ReplyError | RedisError):
        return ""
    word = getattr(error, "status_code", None) or str(error).partition(" ")[0]
    return word if _CODE.fullmatch(word) else ""


def closed() -> StoreUnavailableError:
    """Say that the store is used after its end."""
    return StoreUnavailableError(STORE, "it is closed")


def out_of_step() -> StoreUnavailableError:
    """Say that an answer was not about what had been asked."""
    return StoreUnavailableError(
        STORE, "it answered something else than was asked; the connection was closed"
    )


def unreached(error: BaseException, place: str, *, is_encrypted: bool) -> NetScriptError:
    """Say why no connection came about; one that speaks TLS, or does not, tells nobody who expects the other.

    Args:
        error: See :func:`failed`.
        place: The server.
        is_encrypted: Whether it was spoken to by TLS.
    """
    words = explain(error)
    if isinstance(error, ConnectionLostError) and not is_encrypted:
        words = f"{words}; one that speaks TLS wants rediss://"
    if isinstance(error, TimeoutError) and is_encrypted:
        words = f"{words}; one that does not speak TLS wants redis://"
    return StoreUnavailableError(STORE, f"{place}: {words}")


def silent(seconds: float) -> StoreUnavailableError:
    """Say that a time limit has passed."""
    return StoreUnavailableError(STORE, f"it gave no answer within {seconds:g} s")


def _explain_reply(error: Exception) -> str | None:
    code, text = code_of(error), str(error)
    if code in _REPLIES:
        return _REPLIES[code]
    sentence = next((words for part, words in _SENTENCES.items() if part in text), None)
    if sentence is not None:
        return sentence
    if code:
        return f"it answered with an error ({code}); look at its log"
    is_reply = isinstance(error, hiredis.ReplyError | ResponseError)
    return "it answered with an error; look at its log" if is_reply else None


def _explain_other(chain: list[BaseException]) -> str:
    for link in chain:
        if isinstance(link, OSError) and link.errno and not isinstance(link, ConnectionError):
            return f"it cannot be reached: {link.strerror}"
    return _CLOSED_IT


def _is_refused(error: OSError) -> bool:
    # Where a name has several addresses, and none can be reached, asyncio tells their errors in one text.
    return error.errno is None and f"[Errno {errno.ECONNREFUSED}]" in str(error)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and whatever it came from."""
    link: BaseException | None = error
    for _ in range(_DEEPEST):
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__
