"""``netscript plugin doctor``: everything that can be wrong with the plugins of a workspace, in one go.

Each module holds checks of one thing; ``checks`` names them, ``examination`` makes them, ``report`` tells.
"""
