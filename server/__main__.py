"""`python -m server`: the same as the `talking` command."""

import sys

from server.cli.main import main

sys.exit(main())
