"""Documents that are followed word by word: their shell blocks, as one script."""

import os
import re
import subprocess
import sys
from pathlib import Path

_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
DOCS = Path(__file__).parents[2] / "docs"


def words_of(document: str, section: str | None = None) -> list[str]:
    """The blocks marked ``sh`` of a document, or of one of its sections."""
    text = (DOCS / document).read_text(encoding="utf-8")
    if section is not None:
        _, heading, rest = text.partition(f"\n## {section}\n")
        assert heading, f"{document} has no section {section!r}"
        text = rest.partition("\n## ")[0]
    blocks = _BLOCK.findall(text)
    assert blocks
    return blocks


def follow(blocks: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Type all blocks into one shell that ends at the first error."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", "\n".join(blocks)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PATH": path},
        timeout=240,
    )
