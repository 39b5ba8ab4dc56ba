"""From a site to the text of its files. Pure."""

from typing import Any

from schedules.files.document_tree import tree_of
from schedules.files.heads import head_of
from schedules.files.layout import (
    CITY,
    FORMAT,
    PLAN,
    Part,
    Shape,
    canonical,
    parts,
    settings_of,
)
from schedules.files.luminaire_table import write_luminaires
from schedules.files.yaml_writer import write_yaml
from schedules.models import Plan
from schedules.site import Site
from zones.models import Inventory


def site_files(site: Site) -> dict[str, str]:
    """Path within the folder to text, for every file of a site.

    The same site gives the same bytes; documents stand in the order of `canonical`.
    """
    site = canonical(site)
    city = {"format": FORMAT, **tree_of(site.inventory.city)}
    dumped = tree_of(site.plan, site.time_zone, with_defaults=True)
    settings = {name: dumped[name] for name in settings_of(Plan)}
    files = {
        CITY: write_yaml(city, head_of(CITY)),
        PLAN: write_yaml(settings, head_of(PLAN)),
    }
    for owner, model in ((site.inventory, Inventory), (site.plan, Plan)):
        for part in parts(model):
            files |= _part_files(part, getattr(owner, part.field), site)
    return files


def _part_files(part: Part, documents: tuple[Any, ...], site: Site) -> dict[str, str]:
    if part.shape is Shape.TABLE:
        return {part.path: write_luminaires(documents)}
    if not documents and part.is_optional:
        return {}
    trees = [tree_of(document, site.time_zone) for document in documents]
    match part.shape:
        case Shape.ONE_EACH:
            named = {f"{part.path}{tree.pop('id')}.yaml": tree for tree in trees}
            return {path: write_yaml(tree, head_of(path)) for path, tree in named.items()}
        case Shape.BY_DISTRICT:
            by_path: dict[str, list[Any]] = {}
            for tree in trees:
                by_path.setdefault(f"{part.path}{tree.pop('district')}.yaml", []).append(tree)
            return {path: write_yaml(zones, head_of(path)) for path, zones in by_path.items()}
        case _:
            return {part.path: write_yaml(trees, head_of(part.path))}
