"""The groups of ``netscript auth``, as typer declares them; each command imports its work when it runs."""
