"""``python -m netscript_dev_provider``."""

import sys

from netscript_dev_provider.server import main

if __name__ == "__main__":
    sys.exit(main())
