"""Which document stands in which file, and the order in which they stand.

Every part of `Inventory` and `Plan` has its place, a part added later too: a list of
documents ``some_things`` is ``some-things.yaml``, anything else of the plan is in
``plan.yaml``. Zones are a file for each district, programs and calendars a file each,
luminaires one table.
"""

from collections.abc import Callable, Iterable
from enum import Enum
from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple, get_args, get_origin

from pydantic import BaseModel

from schedules.models import Layer, Plan
from schedules.site import Site
from zones.models import Inventory

FORMAT: Final = 1
"""Version of the layout, in ``city.yaml``."""
CITY: Final = "city.yaml"
PLAN: Final = "plan.yaml"
LUMINAIRES: Final = "luminaires.csv"
ONE_EACH: Final = ("programs", "calendars")
REQUIRED: Final = (CITY, "districts.yaml", "lamp-types.yaml", LUMINAIRES)
SUFFIXES: Final = frozenset({".yaml", ".yml", ".csv", ".json"})
"""Files with these names are documents, or were meant to be."""


class Shape(Enum):
    """How a list of documents is spread over files."""

    LIST = "list"
    BY_DISTRICT = "by district"
    ONE_EACH = "one each"
    TABLE = "table"


class Part(NamedTuple):
    """A list of documents of the inventory or the plan."""

    field: str
    member: Any
    """Type of its documents."""
    shape: Shape
    path: str
    """Its file, or its folder with a closing ``/``."""
    is_optional: bool
    """Whether its file is left out where there are none."""


def parts(model: type[BaseModel]) -> tuple[Part, ...]:
    """The lists of documents of `Inventory` or `Plan`."""
    return tuple(
        _part(name, get_args(field.annotation)[0], model)
        for name, field in model.model_fields.items()
        if _is_list(field.annotation)
    )


def settings_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The fields that are no lists of documents."""
    return tuple(
        name for name, field in model.model_fields.items() if not _is_list(field.annotation)
    )


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is tuple and get_args(annotation)[-1] is Ellipsis


def _part(name: str, member: Any, model: type[BaseModel]) -> Part:
    dashed = name.replace("_", "-")
    if name == "zones":
        return Part(name, member, Shape.BY_DISTRICT, "zones/", is_optional=True)
    if name in ONE_EACH:
        return Part(name, member, Shape.ONE_EACH, f"{dashed}/", is_optional=True)
    if name == "luminaires":
        return Part(name, member, Shape.TABLE, LUMINAIRES, is_optional=False)
    always = model is Plan or f"{dashed}.yaml" in REQUIRED
    return Part(name, member, Shape.LIST, f"{dashed}.yaml", is_optional=not always)


ALL_PARTS: Final = (*parts(Inventory), *parts(Plan))


def known_folders() -> frozenset[str]:
    """The folders within the folder, each with its closing ``/``."""
    return frozenset(part.path for part in ALL_PARTS if part.path.endswith("/"))


def is_known(path: str) -> bool:
    """Whether a path within the folder is one of a document."""
    where = PurePosixPath(path)
    folders = known_folders()
    if len(where.parts) == 2:
        return f"{where.parts[0]}/" in folders and where.suffix == ".yaml"
    return path in {CITY, PLAN, *(part.path for part in ALL_PARTS if part.path not in folders)}


def known_paths() -> tuple[str, ...]:
    """Every path that may hold documents, for a person to read."""
    paths = (f"{part.path}*.yaml" if part.path.endswith("/") else part.path for part in ALL_PARTS)
    return (CITY, PLAN, *paths)


_LAYERS = list(Layer)
_ORDER: Final[dict[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(
        ("districts", "lamp_types", "cabinets", "feeders", "gateways", "luminaires", "targets"),
        lambda one: one.id,
    ),
    **dict.fromkeys(ONE_EACH, lambda one: one.id),
    **dict.fromkeys(("tariffs", "emission_factors"), lambda one: (one.valid_from, one.id)),
    "zones": lambda one: (one.district, one.id),
    **dict.fromkeys(("assignments", "limits"), lambda one: (_LAYERS.index(one.layer), one.target)),
}


def in_order(field: str, documents: Iterable[Any]) -> tuple[Any, ...]:
    """Documents in the order of the files; what has an order of its own keeps it."""
    key = _ORDER.get(field)
    return tuple(documents) if key is None else tuple(sorted(documents, key=key))


def canonical(site: Site) -> Site:
    """The same site in the order of the files.

    Only the order of documents without a meaning in it changes: overrides keep theirs.
    """
    inventory, plan = site.inventory, site.plan
    return Site(
        inventory=inventory.model_copy(
            update={
                part.field: in_order(part.field, getattr(inventory, part.field))
                for part in parts(Inventory)
            }
        ),
        plan=plan.model_copy(
            update={
                part.field: in_order(part.field, getattr(plan, part.field)) for part in parts(Plan)
            }
        ),
    )
