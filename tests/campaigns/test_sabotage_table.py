"""The table of sabotages is true of the sources; `sabotage.py` itself takes minutes and is run by hand."""

from pathlib import Path

from campaigns.sabotage import ROOT, apply, fresh_copy, read_table


def test_every_sabotage_still_has_its_line_and_its_test(tmp_path: Path) -> None:
    sabotages = read_table((ROOT / "tests" / "README.md").read_text())
    assert [sabotage.number for sabotage in sabotages] == list(range(1, len(sabotages) + 1))
    for sabotage in sabotages:
        apply(sabotage, fresh_copy(tmp_path))
        file, _, name = sabotage.test.partition("::")
        assert f"def {name}(" in (ROOT / "tests" / "pipeline" / file).read_text()
