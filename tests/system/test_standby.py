"""``lamplighter run --standby``: the same data folder, once the other process is gone."""

import subprocess
from pathlib import Path

from controller.adapters.sqlite import SqliteStore
from controller.adapters.sqlite_file import FILE_NAME
from tests.fakes.small_city import small_site
from tests.integration.brokers import free_port
from tests.system.command import LAMPLIGHTER


def test_it_waits_until_the_data_folder_is_free_and_starts_from_a_copy_where_it_must(
    tmp_path: Path,
) -> None:
    with SqliteStore(tmp_path) as store:
        store.save_site(small_site(), author="a", comment="b")
        store.back_up()
        process = subprocess.Popen(
            [
                LAMPLIGHTER, "run", "--console", "off", "--standby", "--data", str(tmp_path),
                "--broker", f"mqtt://127.0.0.1:{free_port()}", "--http", "127.0.0.1:0",
            ],
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        )  # fmt: skip
        assert process.stderr is not None
        try:
            assert "Standing by" in process.stderr.readline()
        except BaseException:
            process.kill()
            raise
    (tmp_path / FILE_NAME).write_bytes(b"nonsense" * 4096)
    said = []
    for line in process.stderr:
        said.append(line)
        if "started from its copy" in line:
            break
    process.terminate()
    _, rest = process.communicate(timeout=60)
    assert "started from its copy" in "".join(said), said
    assert process.returncode == 0, rest
    assert "Traceback" not in "".join(said) + rest
