"""``netscript contract``: the contracts of a workspace, one of them whole, and what a change breaks."""
