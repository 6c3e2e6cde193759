"""The WebDAV servers the tests upload to, each started once for the whole run."""

import base64
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from support.real_servers import RealServer, require, require_script, started

USERNAME: Final = "pipe"
PASSWORD: Final = "päss word"
LIMIT_BYTES: Final = 100_000
"""The largest file Apache and nginx take."""


@pytest.fixture(scope="session")
def apache() -> Iterator[RealServer]:
    """Apache with mod_dav: `/dav` wants a login; files are in `files/`."""
    program = require("apache2")
    with started("apache", lambda folder, ports: _apache_command(program, folder, ports[0])) as server:
        yield server


@pytest.fixture(scope="session")
def nginx() -> Iterator[RealServer]:
    """nginx with its WebDAV modules: `/dav`, and `/slow`, the same files at 40 requests a second, else 429."""
    program, module = require("nginx"), Path("/usr/lib/nginx/modules/ngx_http_dav_ext_module.so")
    if not module.exists():
        pytest.skip("nginx's dav-ext module is not installed (apt install libnginx-mod-http-dav-ext; .ci/run does so)")
    with started("nginx", lambda folder, ports: _nginx_command(program, folder, ports[0], module)) as server:
        yield server


@pytest.fixture(scope="session")
def wsgidav() -> Iterator[RealServer]:
    """wsgidav: `/` wants a login; files are in `files/`."""
    program = require_script("wsgidav")
    with started("wsgidav", lambda folder, ports: _wsgidav_command(program, folder, ports[0])) as server:
        yield server


@pytest.fixture(scope="session")
def copyparty() -> Iterator[RealServer]:
    """copyparty: the account may do everything in `/`, and in `/rw` only read and write."""
    require_script("copyparty")
    # What it remembers for later starts belongs into no home.
    with (
        tempfile.TemporaryDirectory() as home,
        started(
            "copyparty",
            lambda folder, ports: _copyparty_command(folder, ports[0]),
            environment={"XDG_CONFIG_HOME": home},
        ) as server,
    ):
        yield server


def files_of(server: RealServer, below: str = "files") -> dict[str, bytes]:
    """What a server holds: path below its folder of files -> bytes; its own hidden folders left out."""
    top = server.folder / below
    paths = [path for path in top.rglob("*") if path.is_file()]
    named = {path.relative_to(top).as_posix(): path for path in paths}
    return {name: path.read_bytes() for name, path in named.items() if not name.startswith(".")}


def _files_folder(folder: Path) -> Path:
    files = folder / "files"
    files.mkdir(exist_ok=True)
    return files


_APACHE: Final = """
ServerName localhost
Listen 127.0.0.1:{port}
ServerRoot {folder}
PidFile {folder}/apache.pid
Mutex file:{folder}
ErrorLog {folder}/error.log
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authn_file_module {modules}/mod_authn_file.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule authz_user_module {modules}/mod_authz_user.so
LoadModule auth_basic_module {modules}/mod_auth_basic.so
LoadModule alias_module {modules}/mod_alias.so
LoadModule dav_module {modules}/mod_dav.so
LoadModule dav_fs_module {modules}/mod_dav_fs.so
{who}
DavLockDB {locks}/lock
LimitRequestBody {limit}
DocumentRoot {files}
Alias /dav {files}
<Directory {files}>
  Dav On
  AuthType Basic
  AuthName photos
  AuthUserFile {folder}/users
  Require valid-user
</Directory>
"""


def _apache_command(program: str, folder: Path, port: int) -> list[str]:
    files, locks = _files_folder(folder), folder / "locks"
    locks.mkdir(exist_ok=True)
    who = ""
    if os.getuid() == 0:  # Apache will not serve as root
        who = "User www-data\nGroup www-data"
        for owned in (files, locks):
            shutil.chown(owned, "www-data", "www-data")
    (folder / "users").write_text(f"{USERNAME}:{_apache_hash()}\n")
    config = folder / "apache.conf"
    modules = "/usr/lib/apache2/modules"
    config.write_text(
        _APACHE.format(port=port, folder=folder, modules=modules, who=who, locks=locks, files=files, limit=LIMIT_BYTES)
    )
    return [program, "-f", str(config), "-DFOREGROUND"]


def _apache_hash() -> str:
    """The password as Apache's `{SHA}`, which needs no tool of Apache's to make."""
    return "{SHA}" + base64.b64encode(hashlib.sha1(PASSWORD.encode(), usedforsecurity=False).digest()).decode()


_NGINX: Final = """
load_module {module};
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{who}
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {files}/.arriving;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_max_body_size {limit};
  limit_req_zone $binary_remote_addr zone=all:64k rate=40r/s;
  limit_req_status 429;
  server {{
    listen 127.0.0.1:{port};
    dav_methods PUT DELETE MKCOL COPY MOVE;
    dav_ext_methods PROPFIND OPTIONS;
    auth_basic photos;
    auth_basic_user_file {folder}/users;
    location /dav {{ alias {files}; }}
    location /slow {{ alias {files}; limit_req zone=all; }}
  }}
}}
"""


def _nginx_command(program: str, folder: Path, port: int, module: Path) -> list[str]:
    files = _files_folder(folder)
    (folder / "users").write_text(f"{USERNAME}:{_apache_hash()}\n")
    config = folder / "nginx.conf"
    who = "user root;" if os.getuid() == 0 else ""
    config.write_text(_NGINX.format(module=module, folder=folder, files=files, port=port, limit=LIMIT_BYTES, who=who))
    return [program, "-c", str(config), "-p", str(folder)]


_WSGIDAV: Final = """
host: 127.0.0.1
port: {port}
server: cheroot
provider_mapping:
  "/": "{files}"
http_authenticator:
  domain_controller: null
  accept_basic: true
  accept_digest: false
  default_to_digest: false
simple_dc:
  user_mapping:
    "*":
      "{username}":
        password: "{password}"
lock_storage: true
property_manager: true
verbose: 1
"""


def _wsgidav_command(program: str, folder: Path, port: int) -> list[str]:
    config = folder / "wsgidav.yaml"
    config.write_text(_WSGIDAV.format(port=port, files=_files_folder(folder), username=USERNAME, password=PASSWORD))
    return [program, "--config", str(config)]


def _copyparty_command(folder: Path, port: int) -> list[str]:
    files = _files_folder(folder)
    writable = folder / "rw"
    writable.mkdir(exist_ok=True)
    volumes = ["-v", f"{files}:/:A,{USERNAME}", "-v", f"{writable}:/rw:rw,{USERNAME}"]
    options = ["-i", "127.0.0.1", "-p", str(port), "-q", "-a", f"{USERNAME}:{PASSWORD}", "--usernames"]
    return [sys.executable, "-m", "copyparty", *options, *volumes]
