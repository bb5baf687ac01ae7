"""The catalogue of attacks: every row has a test whose name begins with its id, or a reason why not yet."""

import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
ROWS = {
    "a1": "two tabs, finished in reverse order",
    "a2": "a sign-in that is begun while somebody is signed in, and left",
    "a3": "what a thousand authorization requests carry and share",
    "a4": "a provider that nobody configured",
    "a5": "more scopes than configured",
    "a6": "a login hint that wants to be more than one value",
    "a7": "metadata that knows no S256",
    "b1": "the attacker's callback in the victim's browser",
    "b2": "a flow named in query, body or header instead of its cookie",
    "b3": "a state that is missing, repeated, too long or no text",
    "b4": "a callback that was completed before",
    "b5": "a flow that is over and still stored",
    "b6": "the code of one provider at another one's callback",
    "b7": "another issuer in the answer, two, or none where one was promised",
    "b8": "an issuer that was not promised, right or absent",
    "b9": "an error of the provider with markup in it",
    "b10": "code and error at once, or neither",
    "b11": "every odd answer of a token endpoint",
    "b12": "verifier and redirect URI of the token request",
    "b13": "an answer that is posted by a form",
    "b14": "a destination that comes with the answer",
    "c1": "an id token without a signature",
    "c2": "an HMAC by what everybody knows",
    "c3": "a signature by somebody else's key",
    "c4": "key ids that are absent, repeated or unheard of",
    "c5": "headers that bring a key or change the rules",
    "c6": "issuer, audience, authorized party and subject that are not ours",
    "c7": "times that are over, to come, absurd or none",
    "c8": "the nonce of another flow",
    "c9": "the hash of another access token",
    "c10": "userinfo about somebody else, or none",
    "c11": "other tokens of the same provider",
    "c12": "one subject at two providers",
    "c13": "an account made beforehand with the victim's address",
    "c14": "another tenant than the configured ones",
    "d1": "no cookie",
    "d2": "a session at the second of its end",
    "d3": "the token anywhere but in its cookie",
    "d4": "the cookie changed in every way",
    "d5": "attributes of every cookie",
    "d6": "idle and absolute limits under steady use",
    "d7": "secrets in answers, logs and events",
    "d8": "claims that name our own fields, or are endless",
    "d9": "an account that is disabled while its session lives",
    "e1": "a copied cookie after sign-out, on every worker",
    "e2": "sign-out twice, of nobody, of something expired",
    "e3": "sign-out by another site",
    "e4": "a provider that is away at sign-out",
    "e5": "the answer of a provider to a sign-out there",
    "e6": "logout tokens of a provider, good and bad",
    "e7": "sign-out that names somebody else's session",
    "f1": "forwarded headers of an untrusted peer",
    "f2": "identity headers that the client sends itself",
    "f3": "probes, preflights and odd methods",
    "f4": "answers that each proxy understands",
    "f5": "a session that is renewed during a sub-request",
    "g1": "hundreds of destinations that are not ours",
    "g2": "destinations without end, in pairs, with secrets",
    "g3": "destinations that are allowed",
    "h1": "a sign-in that another site begins",
    "h2": "bodies, methods and paths that are not offered",
    "h3": "headers of every answer",
    "h4": "redirects after a form",
    "i1": "stores and providers that are away, slow or broken",
    "i2": "fifty reads at once with an expired access token",
    "i3": "the same over two processes",
    "i4": "what a provider answers to a refresh",
    "i5": "a thousand sign-ins a minute from one network",
    "j1": "WorkOS access tokens of another client or issuer",
    "j2": "WorkOS sealed sessions, of both SDKs, and damaged",
    "j3": "better-auth cookies, signed wrongly or forged",
    "j4": "every odd answer of a better-auth server",
    "j5": "better-auth tokens of another algorithm or audience",
    "j6": "credentials without end that nobody issued, which the upstream would be asked about",
    "k1": "a service that is set up wrongly",
    "k2": "keys that change",
    "k3": "how often one key is used",
}
LATER: dict[str, str] = {}
_NAME = re.compile(r"^ *(?:async )?def test_([a-k][0-9]+)_", re.MULTILINE)


@cache
def _tested() -> frozenset[str]:
    texts = [path.read_text("utf-8") for path in TESTS.rglob("test_*.py")]
    return frozenset(row for text in texts for row in _NAME.findall(text))


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_the_catalogue_has_a_test_or_a_reason_for_none(row: str) -> None:
    is_tested = row in _tested()

    assert is_tested or row in LATER, f"no test is named test_{row}_...: {ROWS[row]}"
    assert not (is_tested and row in LATER), f"{row} has tests now: take it out of LATER"


def test_no_test_names_a_row_that_there_is_not() -> None:
    assert _tested() <= ROWS.keys()
    assert LATER.keys() <= ROWS.keys()
