"""Documents as files: a folder of YAML that a person reviews, one table of luminaires.

Pure: the texts of a folder to a site and back. Who reads and writes folders is elsewhere.
"""

from schedules.files.document_tree import tree_of
from schedules.files.layout import (
    CITY,
    FORMAT,
    LUMINAIRES,
    SUFFIXES,
    canonical,
    is_known,
    known_folders,
    known_paths,
)
from schedules.files.problems import Problem
from schedules.files.reading import SiteRead, read_site_files
from schedules.files.writing import site_files
from schedules.files.yaml_text import read_yaml
from schedules.files.yaml_writer import write_yaml

__all__ = [
    "CITY",
    "FORMAT",
    "LUMINAIRES",
    "SUFFIXES",
    "Problem",
    "SiteRead",
    "canonical",
    "is_known",
    "known_folders",
    "known_paths",
    "read_site_files",
    "read_yaml",
    "site_files",
    "tree_of",
    "write_yaml",
]
