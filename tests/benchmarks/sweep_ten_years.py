"""Ten years, seven time zones, random plans: no missed and no doubled switching.

``python tests/benchmarks/sweep_ten_years.py [--plans 500] [--years 10] [--sample 200]``

What is checked stands in tests/fakes/ten_years.py. Prints figures; exit code 1 with the
failing examples where there is one. ``--first-plan`` and ``--plans 1`` repeat an example.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.fakes.ten_years import PLACES, Tally, check, random_plan

_SHOWN = 20
_BATCH = 25


def sweep(batch: tuple[int, range], *, years: int, sample: int) -> Tally:
    """Some plans at one place: the sun of a place is worked out once."""
    place, seeds = batch
    tally = Tally()
    for seed in seeds:
        tally.add(check(random_plan(seed), PLACES[place], years, sample))
    return tally


def batches(first: int, plans: int) -> Iterator[tuple[int, range]]:
    """Places one after the other, each in batches of plans."""
    for place in range(len(PLACES)):
        for start in range(first, first + plans, _BATCH):
            yield place, range(start, min(start + _BATCH, first + plans))


def main() -> int:
    """Run the sweep."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plans", type=int, default=500)
    parser.add_argument("--first-plan", type=int, default=0)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    whole, begun = Tally(), time.monotonic()
    work = partial(sweep, years=options.years, sample=options.sample)
    to_do = list(batches(options.first_plan, options.plans))
    with ProcessPoolExecutor(options.jobs) as pool:
        for done, tally in enumerate(pool.map(work, to_do), 1):
            whole.add(tally)
            print(
                f"{done}/{len(to_do)} batches, {time.monotonic() - begun:.0f} s, "
                f"{len(whole.defects)} defects",
                file=sys.stderr,
                flush=True,
            )
    print(f"{options.plans} plans, {len(PLACES)} time zones, {options.years} years:")
    for name, count in whole.counts.items():
        print(f"  {name:<58} {count:>14,}")
    print(f"  {'missed or doubled switchings, and other defects':<58} {len(whole.defects):>14,}")
    for defect in whole.defects[:_SHOWN]:
        print(f"  {defect}")
    return 1 if whole.defects else 0


if __name__ == "__main__":
    sys.exit(main())
