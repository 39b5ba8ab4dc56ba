"""Why a lamp is dark or lit against the plan: whom the oracle holds answerable."""

from typing import Final

SOFTWARE: Final = 0
"""Nothing is wrong with the luminaire and its supply: somebody's software."""
FAULT: Final = 1
"""A fault of the luminaire itself."""
OUTAGE: Final = 2
"""No supply, and the start after it."""
EXPIRED: Final = 3
"""Its program ran out and it repeats the last night, as the contract says: the seasons moved
on, and nobody told it."""
CAUSES: Final = 4
