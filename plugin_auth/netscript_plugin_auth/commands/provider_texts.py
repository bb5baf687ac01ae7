"""Known providers in words: a table of all, a sheet for one. At most 100 columns, no colours."""

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from netscript_auth_core.catalogue import KnownEvidence, KnownProvider, KnownVariable

WIDTH = 100
_HEADINGS = ("ID", "NAME", "KIND", "PROVEN BY", "SEEN", "NEEDS BESIDE ITS CLIENT")
_GAP = "  "
_KINDS = {"oidc": "OpenID Connect", "oauth2": "plain OAuth 2.0"}
_OF_EVERY_CLIENT = ("PROVIDER", "CLIENT_ID", "CLIENT_SECRET")


def listing(providers: Sequence[KnownProvider]) -> str:
    """Return a table with a line for each, more where it needs much."""
    rows = [_HEADINGS, *(_row(each) for each in providers)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS) - 1)]
    indent = sum(width + len(_GAP) for width in widths)
    lines = (line for row in rows for line in _lines(row, widths, indent))
    return "\n".join((*lines, "", "What to set for one of them: netscript auth providers show ID", ""))


def sheet(provider: KnownProvider, callback: str, callback_of_several: str) -> str:
    """Return all that is known of one.

    Args:
        provider: The one.
        callback: To be registered there.
        callback_of_several: The same where there are several providers.
    """
    evidence = provider.evidence
    parts = [
        f"{provider.display_name} ({provider.id}), {_KINDS.get(provider.kind, provider.kind)}",
        "",
        *_section("Set", _settings(provider.variables)),
        *_section(f"Register this service at {provider.console}", [f"redirect URI {callback}"]),
        f"  beside other providers: {callback_of_several}",
        "",
        *_section("Asked for", [" ".join(provider.scopes) or "nothing: it has no scopes"]),
        "",
        *_section("How it behaves", provider.notes),
        "",
        *_section(
            "What it does differently",
            (f"{quirk.says} ({quirk.source}, {quirk.seen})" for quirk in provider.quirks),
        ),
        *([""] if provider.quirks else []),
        *_section(f"How far this is proven: {_proof(evidence)}", [evidence.what, evidence.source]),
    ]
    return "".join(f"{line}\n" for line in parts)


def _row(provider: KnownProvider) -> tuple[str, ...]:
    evidence = provider.evidence
    needs = [each for each in provider.variables if each.is_required and not _is_of_every_client(each)]
    return (
        provider.id,
        provider.display_name,
        provider.kind,
        ", ".join(evidence.by) or f"- ({evidence.state})",
        str(evidence.seen),
        ", ".join(_short(each) for each in needs),
    )


def _lines(row: tuple[str, ...], widths: Sequence[int], indent: int) -> Iterator[str]:
    *cells, last = row
    first = "".join(f"{cell:{width}}{_GAP}" for cell, width in zip(cells, widths, strict=True))
    wrapped = wrap(last, WIDTH - indent, break_long_words=False, break_on_hyphens=False) or [""]
    yield f"{first}{wrapped[0]}".rstrip()
    yield from (f"{'':{indent}}{more}" for more in wrapped[1:])


def _is_of_every_client(variable: KnownVariable) -> bool:
    return _short(variable) in _OF_EVERY_CLIENT


def _short(variable: KnownVariable) -> str:
    return variable.name.removeprefix("NETSCRIPT_AUTH_")


def _settings(variables: Iterable[KnownVariable]) -> Iterator[str]:
    for variable in variables:
        if variable.value is not None:
            yield f"{variable.name}={variable.value}"
        else:
            yield f"{variable.name}{_need(variable)}: {variable.meaning}"
            if variable.is_secret:
                yield f"  or in a file named by {variable.name}_FILE"
    yield "Beside other providers:"
    for variable in variables:
        yield f"  {variable.name_of_several}" + (f"={variable.value},..." if variable.value else "")


def _need(variable: KnownVariable) -> str:
    if variable.default is not None:
        return f" ({variable.default} unless set)"
    return "" if variable.is_required else " (may be left out)"


def _proof(evidence: KnownEvidence) -> str:
    by = f" by {' and '.join(evidence.by)}" if evidence.by else ""
    return f"{evidence.state}{by}, {evidence.seen}"


def _section(heading: str, lines: Iterable[str]) -> list[str]:
    found = [piece for line in lines for piece in _wrapped(line)]
    return [heading, *found] if found else []


def _wrapped(line: str) -> list[str]:
    own = len(line) - len(line.lstrip())
    indent = " " * (own + 2)
    return wrap(
        line.strip(),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + _GAP,
        break_long_words=False,
        break_on_hyphens=False,
    )
