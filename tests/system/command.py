"""``lamplighter`` as installed, run as a person or a service manager would."""

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.integration.brokers import free_port

LAMPLIGHTER = str(Path(sys.executable).with_name("lamplighter"))


def lamplighter(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run one command in a folder until it ends."""
    done = subprocess.run(
        [LAMPLIGHTER, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=240,
    )
    assert "Traceback" not in done.stderr
    return done


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[str]:
    """The service in ``folder``; gives the address of its metrics."""
    port = free_port()
    process = subprocess.Popen(
        [LAMPLIGHTER, "run", "--console", "off", "--http", f"127.0.0.1:{port}", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
    )
    assert process.stderr is not None
    said: list[str] = []
    for line in process.stderr:
        said.append(line)
        if "metrics at" in line:
            break
    else:
        pytest.fail(f"the service ended: {said}")
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=60)
    assert process.returncode == 0, rest
    assert "Traceback" not in "".join(said) + rest


def get(url: str) -> bytes:
    """The body of an answer."""
    with urllib.request.urlopen(url, timeout=20) as answer:
        body: bytes = answer.read()
        return body


def answer(url: str) -> tuple[int, dict[str, Any]]:
    """Status and JSON body, also of a refusal."""
    try:
        return 200, json.loads(get(url))
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


def metric(web: str, series: str) -> float:
    """The value of one series, written as on the page; the sum where labels are left out."""
    found = [
        float(line.rsplit(" ", 1)[1])
        for line in get(f"{web}/metrics").decode().splitlines()
        if line.startswith((f"{series} ", f"{series}{{"))
    ]
    assert found, f"no series {series}"
    return sum(found)


def wait_until(is_so: Callable[[], bool], what: str, *, attempts: int = 600) -> None:
    """Look again every tenth of a second; fail naming what never came."""
    for _ in range(attempts):
        try:
            if is_so():
                return
        except OSError:
            pass  # nobody answers yet, or not any more
        time.sleep(0.1)
    pytest.fail(f"never: {what}")
