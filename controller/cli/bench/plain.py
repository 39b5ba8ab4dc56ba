"""Plain ceilings of what the service does alone: a start, a scrape."""

import asyncio
import gzip
import http.client
import sqlite3
import statistics
import time
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from controller.adapters.sqlite_file import FILE_NAME

_SCRAPES: Final = 3
_CACHED_S: Final = 1.1
"""A scrape stands for a second."""


def read_plainly(data: Path) -> float:
    """Seconds to read every table of a store, and nothing else."""
    began = time.perf_counter()
    with closing(sqlite3.connect(data / FILE_NAME)) as db:
        tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            db.execute(f'SELECT * FROM "{table}"').fetchall()
    return time.perf_counter() - began


async def scrape(url: str) -> tuple[float, float]:
    """Median seconds of a scrape, and of writing its lines anew from their numbers."""
    took: list[float] = []
    body = b""
    for _ in range(_SCRAPES):
        await asyncio.sleep(_CACHED_S)
        seconds, body = await asyncio.to_thread(_get, url)
        took.append(seconds)
    lines = [line.rsplit(" ", 1) for line in body.decode().splitlines() if line[:1] != "#"]
    samples = [(name, float(value)) for name, value in lines]
    began = time.perf_counter()
    "\n".join([f"{name} {value!r}" for name, value in samples]).encode()
    return statistics.median(took), time.perf_counter() - began


def _get(url: str) -> tuple[float, bytes]:
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)) as one:
        began = time.perf_counter()
        one.request("GET", parts.path, headers={"Accept-Encoding": "gzip"})  # as Prometheus asks
        response = one.getresponse()
        body = response.read()
        took = time.perf_counter() - began
    is_packed = response.getheader("Content-Encoding") == "gzip"
    return took, gzip.decompress(body) if is_packed else body
