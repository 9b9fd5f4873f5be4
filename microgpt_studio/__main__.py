"""`python -m microgpt_studio` is `microgpt-studio`."""

import sys

from microgpt_studio.app import main

sys.exit(main())
