"""Break the pipeline one line at a time and see that the test named for it fails.

    python tests/campaigns/sabotage.py

The list is the table in `tests/README.md`. Each sabotage is applied to a copy of the checkout, and
only the named test is run there; it must fail. A copy without sabotage must pass them all first.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import photopipe

ROOT = Path(__file__).parents[2]
TEST_DEADLINE_S = 180
CELL = re.compile(r"\|\s*(?P<number>\d+)\s*\|" + r"\s*`([^`]*)`\s*\|" * 4)


@dataclass(frozen=True)
class Sabotage:
    """One line changed.

    Attributes:
        number: its place in the table.
        file: in `photopipe/pipeline/`.
        before: what stands there, once.
        after: what is put instead.
        test: what must fail, in `tests/pipeline/`.
    """

    number: int
    file: str
    before: str
    after: str
    test: str


def read_table(text: str) -> list[Sabotage]:
    """The sabotages of a table in Markdown."""
    return [Sabotage(int(row[1]), row[2], row[3], row[4], row[5]) for row in CELL.finditer(text)]


def apply(sabotage: Sabotage, copy: Path) -> None:
    """Change the one line, which must be there exactly once as a whole line."""
    path = copy / "photopipe" / "pipeline" / sabotage.file
    lines = path.read_text().splitlines(keepends=True)
    places = [number for number, line in enumerate(lines) if line.strip() == sabotage.before]
    assert len(places) == 1, f"sabotage {sabotage.number}: its line stands {len(places)} times in {sabotage.file}"
    lines[places[0]] = lines[places[0]].replace(sabotage.before, sabotage.after)
    path.write_text("".join(lines))


def passes(copy: Path, tests: list[str]) -> bool:
    """True if the tests pass in the copy."""
    command = [sys.executable, "-m", "pytest", "-n0", "-q", "-x", "-p", "no:cacheprovider"]
    command += [f"tests/pipeline/{test}" for test in tests]
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        run = subprocess.run(command, cwd=copy, env=environment, capture_output=True, timeout=TEST_DEADLINE_S)
    except subprocess.TimeoutExpired:
        return False
    assert run.returncode in {0, 1}, run.stdout.decode()[-2000:]
    return run.returncode == 0


def fresh_copy(folder: Path) -> Path:
    """The package and the pipeline's tests, somewhere else."""
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    package = Path(photopipe.__file__).parent
    for source, name in (
        (package, "photopipe"),
        *((ROOT / "tests" / name, f"tests/{name}") for name in ("pipeline", "support")),
    ):
        shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "tests/conftest.py"):
        shutil.copy(ROOT / name, copy / name)
    return copy


def main() -> None:
    sabotages = read_table((ROOT / "tests" / "README.md").read_text())
    with tempfile.TemporaryDirectory() as folder:
        assert passes(fresh_copy(Path(folder)), sorted({sabotage.test for sabotage in sabotages})), "broken already"
        missed = 0
        for sabotage in sabotages:
            copy = fresh_copy(Path(folder))
            apply(sabotage, copy)
            is_caught = not passes(copy, [sabotage.test])
            missed += not is_caught
            print(f"{sabotage.number:>2} {'caught' if is_caught else 'MISSED'} by {sabotage.test}", flush=True)
    print(f"{len(sabotages) - missed} of {len(sabotages)} caught")
    sys.exit(missed > 0)


if __name__ == "__main__":
    main()
