"""``python -m skae`` is ``skae``."""

import sys

from skae.cli import main

sys.exit(main())
