"""SeaweedFS: an S3 service that checks signatures, checksums and `If-None-Match`, started once for the whole run."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import requests
from support.real_servers import RealServer, require_script, started

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ACCESS_KEY: Final = "PIPEKEY"
SECRET: Final = "pipe-s3cret"
READ_ACCESS_KEY: Final = "READKEY"
READ_SECRET: Final = "read-s3cret"
BUCKET: Final = "photos"


@pytest.fixture(scope="session")
def seaweed() -> Iterator[RealServer]:
    """SeaweedFS with one account that may do everything and one that may read the bucket `photos`."""
    program = require_script("weed")
    with started(
        "seaweed", lambda folder, ports: _command(program, folder, ports), port_count=8, is_ready=_is_ready, end_s=0.2
    ) as server:
        boto3_client(server).create_bucket(Bucket=BUCKET)
        yield server
    for port in server.ports:  # its own folder is not where it puts these
        for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
            left.unlink(missing_ok=True)


def boto3_client(server: RealServer) -> "S3Client":
    """boto3 as anybody uses it, to see what the service holds."""
    from boto3.session import Session
    from botocore.config import Config

    return Session(ACCESS_KEY, SECRET).client(
        "s3",
        endpoint_url=server.url,
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}, proxies={}),
    )


def objects_in(server: RealServer, prefix: str = "") -> dict[str, bytes]:
    """What the bucket holds below a prefix: key -> bytes."""
    client = boto3_client(server)
    try:
        listed: Any = client.list_objects_v2(Bucket=BUCKET, Prefix=prefix)
        keys = [entry["Key"] for entry in listed.get("Contents", [])]
        return {key: client.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}
    finally:
        client.close()


def _command(program: str, folder: Path, ports: tuple[int, ...]) -> list[str]:
    s3, master, volume, filer, *grpc = ports
    data = folder / "data"
    data.mkdir(exist_ok=True)
    config = folder / "s3.json"
    config.write_text(
        json.dumps(
            {
                "identities": [
                    _identity("pipe", ACCESS_KEY, SECRET, ["Admin", "Read", "Write", "List"]),
                    _identity("reader", READ_ACCESS_KEY, READ_SECRET, [f"Read:{BUCKET}", f"List:{BUCKET}"]),
                ]
            }
        )
    )
    listening = {
        "s3.port": s3,
        "master.port": master,
        "volume.port": volume,
        "filer.port": filer,
        "s3.port.grpc": grpc[0],
        "master.port.grpc": grpc[1],
        "volume.port.grpc": grpc[2],
        "filer.port.grpc": grpc[3],
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
    }
    options = [f"-{name}={port}" for name, port in listening.items()]
    # With fewer volumes every write after the first bucket is an error.
    fixed = ["-ip=127.0.0.1", "-filer", "-s3", f"-s3.config={config}", "-volume.max=100", "-master.telemetry=false"]
    return [program, "server", f"-dir={data}", *fixed, *options]


def _identity(name: str, access_key: str, secret: str, actions: list[str]) -> dict[str, Any]:
    return {"name": name, "credentials": [{"accessKey": access_key, "secretKey": secret}], "actions": actions}


def _is_ready(server: RealServer) -> bool:
    """It listens before it knows where to put anything."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(f"{server.url}/status", timeout=2).status_code < 500
        except requests.RequestException:
            return False
