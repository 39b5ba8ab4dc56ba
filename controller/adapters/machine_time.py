"""The machine's clocks, read from the system.

The steady clock is the raw hardware counter plus the time spent suspended: neither a clock
set by hand nor a time service that lets it run faster moves it.
"""

import ctypes
import sys
import time

from controller.engine.clock_evidence import KernelClock

_STA_UNSYNC = 0x40
_TIME_ERROR = 5
_MICROSECONDS = 1e-6
_QUICK_S = 0.0005
_TRIES = 4


class _Timex(ctypes.Structure):
    """``struct timex`` of ``<sys/timex.h>``, up to what is read here, then room.

    Ref: Linux adjtimex(2).
    """

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("room", ctypes.c_long * 40),
    )


class MachineTime:
    """Clocks of this machine."""

    def __init__(self) -> None:
        self._is_linux = sys.platform == "linux"
        self._adjtimex = None
        if self._is_linux:
            try:
                self._adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
            except (OSError, AttributeError):  # a libc without it: the kernel has no say
                self._adjtimex = None

    def wall(self) -> float:
        """Unix seconds UTC, as the machine believes."""
        return time.time()

    def steady(self) -> float:
        """Machine seconds, not set and not adjusted; counts suspends on Linux."""
        if sys.platform != "linux":
            return time.monotonic()
        suspended_s = 0.0
        for _ in range(_TRIES):
            before = time.clock_gettime(time.CLOCK_MONOTONIC)
            boot = time.clock_gettime(time.CLOCK_BOOTTIME)
            after = time.clock_gettime(time.CLOCK_MONOTONIC)
            suspended_s = boot - (before + after) / 2
            if after - before < _QUICK_S:  # else we were interrupted between the readings
                break
        return time.clock_gettime(time.CLOCK_MONOTONIC_RAW) + suspended_s

    def kernel(self) -> KernelClock | None:
        """What the kernel says of its time service, where it can be asked."""
        if self._adjtimex is None:
            return None
        words = _Timex()
        state = self._adjtimex(ctypes.byref(words))
        if state < 0:
            return None
        return KernelClock(
            is_synchronised=state != _TIME_ERROR and not words.status & _STA_UNSYNC,
            max_error_s=words.maxerror * _MICROSECONDS,
        )
