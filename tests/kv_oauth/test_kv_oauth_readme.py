"""The table of presets in the adapter's README is what the files say."""

from pathlib import Path

from netscript_auth_kv_oauth.configuration.catalogue import known_providers

README = Path(__file__).parents[2] / "adapters" / "kv_oauth" / "README.md"
OF_EVERY_CLIENT = {"PROVIDER", "CLIENT_ID", "CLIENT_SECRET"}


def test_the_table_has_a_row_for_each_preset() -> None:
    text = README.read_text()

    assert [row for row in _rows() if row not in text] == []


def test_the_table_has_no_other_row() -> None:
    _, _, behind = README.read_text().partition("| id | provider |")
    table, _, _ = behind.partition("\n\n")

    assert table.splitlines()[2:] == _rows()


def _rows() -> list[str]:
    rows: list[str] = []
    for each in known_providers():
        needs = [
            variable.name.removeprefix("NETSCRIPT_AUTH_")
            for variable in each.variables
            if variable.is_required
        ]
        told = ", ".join(f"`{name}`" for name in needs if name not in OF_EVERY_CLIENT)
        proof = ", ".join(each.evidence.by) or each.evidence.state
        rows.append(
            f"| `{each.id}` | {each.display_name} | {each.kind} | {told} | {proof}, {each.evidence.seen} |"
        )
    return rows
