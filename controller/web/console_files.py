"""The built console: one page, and assets whose names change with their content."""

from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

BUILT: Final = Path(__file__).parent / "console"
"""Where the build puts it."""

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"

_NOT_BUILT: Final = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>Lamplighter</title></head><body>
<h1>此安装不含操作台</h1>
<p>程序接口在 <a href="/api/v1/openapi.json">/api/v1</a>。要有操作台，请重新安装软件包，
不要设置 LAMPLIGHTER_CONSOLE=skip；在源代码目录中运行 <code>make console</code>。</p>
<h1 lang="en">This installation has no console</h1>
<p lang="en">The API is at <a href="/api/v1/openapi.json">/api/v1</a>. For the console, install
the package again without LAMPLIGHTER_CONSOLE=skip; in the source tree run
<code>make console</code>.</p>
</body></html>
"""


class _Assets(StaticFiles):
    """Files whose names carry a digest of their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code in (200, 304):
            response.headers["cache-control"] = _FOR_EVER
        return response


def console_routes(folder: Path = BUILT) -> list[BaseRoute]:
    """Routes of the console built into ``folder``, or of a page that says that there is none."""
    index = folder / "index.html"
    if not index.is_file():
        return [Route("/", _not_built)]
    beside = {one.name: one for one in folder.iterdir() if one.is_file()}

    async def page(_: Request) -> Response:
        return FileResponse(index, headers={"cache-control": _ASK_AGAIN})

    async def other(request: Request) -> Response:
        """Files beside the page, such as its icon; never a folder, nothing above."""
        found = beside.get(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        return FileResponse(found, headers={"cache-control": _ASK_AGAIN})

    routes: list[BaseRoute] = [Route("/", page), Route("/{name}", other)]
    if (folder / "assets").is_dir():
        routes.append(Mount("/assets", _Assets(directory=folder / "assets")))
    return routes


async def _not_built(_: Request) -> Response:
    return HTMLResponse(_NOT_BUILT, headers={"cache-control": _ASK_AGAIN})
