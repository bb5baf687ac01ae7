"""``python -m netscript_cli`` is the command ``netscript``."""

import sys

from netscript_cli.main import main

if __name__ == "__main__":
    sys.exit(main())
