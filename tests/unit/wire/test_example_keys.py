"""The example luminaire that was told to believe keys, and the lists that hold none."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

EXAMPLE = Path(__file__).parents[3] / "docs/examples/signature.py"


@pytest.fixture(scope="module")
def signature() -> ModuleType:
    spec = importlib.util.spec_from_file_location("signature", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("text", ["", "# all retired\n", f"  {'ab' * 32}\n", f"{'AB' * 32}\n"])
def test_a_list_without_a_key_is_not_taken_for_no_list(
    signature: ModuleType, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "trusted.txt"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"trusted\.txt holds no public key"):
        signature.read_keys(file)


def test_a_list_with_a_key_is_read(signature: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "trusted.txt"
    file.write_text(f"{'ab' * 32}  # made 2026-11-23\n")
    assert list(signature.read_keys(file).values()) == [bytes.fromhex("ab" * 32)]
