"""``python -m netscript_plugin_auth`` runs auth-api, by environment only."""

import sys

from netscript_plugin_auth.faults import told
from netscript_plugin_auth.serving import serve_auth

if __name__ == "__main__":
    sys.exit(told(serve_auth))
