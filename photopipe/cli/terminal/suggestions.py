"""What was probably meant by a word that nobody knows."""

from collections.abc import Iterable, Mapping
from typing import Final

PREFIX: Final = "PHOTOPIPE_"
LEAST_LIKENESS: Final = 0.6
LEAST_LIKENESS_OF_VARIABLES: Final = 0.75
"""Higher, because variables of other programs may begin with `PHOTOPIPE_`, too."""


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """The known words that are like this one, the most alike first; at most three."""
    from difflib import get_close_matches

    return get_close_matches(word.lower(), list(known), n=3, cutoff=LEAST_LIKENESS)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question to put behind a message, such as ` Did you mean --quality?`; empty if no known word is like it."""
    alike = nearest(word, known)
    return f" Did you mean {' or '.join(alike)}?" if alike else ""


def mistyped_variables(environment: Mapping[str, str], known: Iterable[str]) -> list[tuple[str, str]]:
    """The variables that are set but that nothing reads, each with the one that was probably meant.

    Those that resemble no known one are left out: they may belong to a script. So are `PHOTOPIPE_TOKEN...`, which end
    in the name of a gallery.
    """
    names = {variable.removeprefix(PREFIX) for variable in known}
    set_ones = {variable.removeprefix(PREFIX) for variable in environment if variable.startswith(PREFIX)}
    unknown = sorted(name for name in set_ones - names if not name.startswith("TOKEN"))
    if not unknown:
        return []
    from difflib import get_close_matches

    alike = {name: get_close_matches(name, names, n=1, cutoff=LEAST_LIKENESS_OF_VARIABLES) for name in unknown}
    return [(PREFIX + name, PREFIX + close[0]) for name, close in alike.items() if close]
