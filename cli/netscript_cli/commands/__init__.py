"""The commands of this distribution, a Typer app in each module; ``own_commands`` names them."""
