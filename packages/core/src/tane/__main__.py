"""``python -m tane``: the command line."""

import sys

from tane.commands.main import main

sys.exit(main())
