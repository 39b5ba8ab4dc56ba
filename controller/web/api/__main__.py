"""``python -m controller.web.api FILE`` writes the description of the API into a file."""

import json
import sys
from pathlib import Path

from controller.web.api.app import routed_app
from controller.web.api.openapi import description

if __name__ == "__main__":
    text = json.dumps(description(routed_app()), ensure_ascii=False, indent=1, sort_keys=True)
    Path(sys.argv[1]).write_text(text + "\n", encoding="utf-8")
