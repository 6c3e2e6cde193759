"""Look into a journal, as `photopipe status` and `photopipe explain` do."""

from collections import Counter
from contextlib import closing

from photopipe.journal import Delivery, Journal, Questions
from photopipe.photo import Target


def delivery_of(journal: Journal, source_sha256: str, target: Target) -> Delivery:
    """What is recorded of some content for one target."""
    with closing(Questions(journal.path)) as questions:
        (delivery,) = (
            one for one in questions.deliveries(source_sha256) if (one.recipe_id, one.gallery_id) == tuple(target)
        )
    return delivery


def states_of(journal: Journal) -> dict[str, int]:
    """How many deliveries are in each state."""
    with closing(Questions(journal.path)) as questions:
        return dict(sum((Counter(target.states) for target in questions.counts()), Counter()))
