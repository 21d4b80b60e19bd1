"""hl.prediction: a guess in a notebook, beside what came."""

from __future__ import annotations

import numpy as np
import pytest

import hartlab as hl


@pytest.mark.parametrize(
    ("guess", "found", "right", "text"),
    [
        (None, 5, None, "No prediction yet. It is 5."),
        (5, np.uint64(5), True, "As you predicted: 5."),
        (4, 5, False, "You predicted 4. It is 5."),
        (0x1000, 0x2000, False, "You predicted 4096 (0x1000). It is 8192 (0x2000)."),
        (" Store page fault", "store page fault", True, "As you predicted: store page fault."),
        (False, True, False, "You predicted no. It is yes."),
        ((0, 1), np.array([0, 1]), True, "As you predicted: [0, 1]."),
        ([0], np.array([0, 1]), False, "You predicted [0]. It is [0, 1]."),
        ("five", 5, False, "You predicted five. It is 5."),
    ],
)
def test_guess_beside_what_came(guess: object, found: object, right: bool | None, text: str) -> None:
    prediction = hl.prediction(guess, found, "So it <must> be.")
    assert prediction.right is right
    assert prediction.verdict == text
    assert repr(prediction).endswith(f"{text} So it <must> be.")
    assert "So it &lt;must&gt; be." in prediction._repr_html_()


def test_what_is_no_outcome_is_refused() -> None:
    with pytest.raises(TypeError, match="found is None"):
        hl.prediction(1, None)
    with pytest.raises(TypeError, match="why must be text"):
        hl.prediction(1, 1, 2)  # type: ignore[arg-type]
