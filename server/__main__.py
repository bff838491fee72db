"""`python -m server`: the same as the `talking` command."""

import sys

from server.cli import main

sys.exit(main())
