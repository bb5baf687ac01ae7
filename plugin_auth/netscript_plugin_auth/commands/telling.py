"""Tells what a command found, to whoever reads it."""

import json
import sys


def tell(document: object, words: str, *, as_json: bool) -> None:
    """Print a document for programs, as one line of JSON, or words for people."""
    sys.stdout.write(f"{json.dumps(document)}\n" if as_json else words)
