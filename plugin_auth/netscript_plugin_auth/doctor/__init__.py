"""``netscript auth doctor``: everything that can be wrong around the service, looked at in one go.

Each module holds checks of one thing; ``examination`` runs them, ``report`` tells what they found.
"""
