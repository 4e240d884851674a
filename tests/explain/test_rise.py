"""RISE against its paper's formula with given masks, and its masks against what they should be."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from explain import rise
from explain.question import Answer
from inference.task import Cancelled, Task
from tests.explain.networks import ask, small_cnn

MASKS = torch.tensor([[[1.0, 0.0], [0.5, 1.0]], [[0.0, 1.0], [1.0, 0.5]], [[1.0, 1.0], [0.0, 0.0]]])
PICTURE = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])


class Weighing(nn.Module):
    """1·a + 2·b − 1·c + 0·d of the places of a picture, plus 3."""

    def forward(self, picture: Tensor) -> Tensor:
        weights = torch.tensor([1.0, 2.0, -1.0, 0.0])
        return (picture.flatten(1) * weights).sum(dim=1, keepdim=True) + 3


class Corner(nn.Module):
    """The mean of a quarter of the picture."""

    def forward(self, picture: Tensor) -> Tensor:
        return picture[:, :, :4, :4].flatten(1).mean(dim=1, keepdim=True)


@pytest.fixture
def given_masks(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(
        size: tuple[int, ...], cells: int, keep: float, generator: torch.Generator
    ) -> Iterator[Tensor]:
        yield from MASKS

    monkeypatch.setattr(rise, "masks", drawn)


@pytest.mark.usefixtures("given_masks")
@pytest.mark.parametrize("batch", [0, 1, 2])
def test_the_papers_formula(batch: int) -> None:
    """Scores of I ⊙ M are 3 + 1 − 1.5 = 2.5, 3 + 4 − 3 = 4, and 3 + 1 + 4 = 8.

    S(λ) = Σ f · M(λ) / (N · p), with N = 3 and p = 0.5: by 1.5 are divided
    [2.5 + 8, 4 + 8; 1.25 + 4, 2.5 + 2]. The mean score is 14.5 / 3, so the map is
    S − 14.5 / 3 · ΣM / 1.5 with ΣM = [2, 2; 1.5, 1.5].
    """
    answer = ask("rise", Weighing(), PICTURE, masks=3, keep=0.5, batch=batch)
    expected = np.array([[10.5, 12.0], [5.25, 4.5]]) / 1.5
    assert answer.values[0, 0].numpy() == pytest.approx(expected, rel=1e-6)
    shown = np.array([[2.0, 2.0], [1.5, 1.5]])
    centred = expected - 14.5 / 3 * shown / 1.5
    assert answer.map[0].numpy() == pytest.approx(centred, rel=1e-5)
    # The standard error at the first place: of (f − mean) · M = −7/3, 0 and 19/6, over p.
    spread = np.std([-7 / 3, 0.0, 19 / 6]) / np.sqrt(3) / 0.5
    assert answer.spread is not None
    assert float(answer.spread[0, 0, 0]) == pytest.approx(spread, rel=1e-5)


@pytest.mark.usefixtures("given_masks")
def test_what_is_hidden_is_the_baselines() -> None:
    """Of the first mask the score is that of [1, 9; 6, 4]: 3 + 1 + 18 − 6 = 16."""
    shown: list[Answer | None] = []
    ask(
        "rise",
        Weighing(),
        PICTURE,
        baseline=9.0,
        masks=3,
        batch=2,
        show=lambda make: shown.append(make()),
    )
    assert len(shown) == 1
    assert shown[0] is not None
    # Second mask: [9, 2; 3, 6.5] scores 9 + 4 − 3 + 3 = 13. By N · p = 2 · 0.5.
    assert shown[0].values[0, 0].tolist() == [[16.0, 13.0], [8 + 13, 16 + 6.5]]


def test_a_constant_score_says_nothing() -> None:
    """The paper's sum is that score everywhere, but for chance; the map is zero."""

    class Constant(nn.Module):
        def forward(self, picture: Tensor) -> Tensor:
            return torch.full((len(picture), 1), 7.0) + 0 * picture.mean()

    answer = ask("rise", Constant(), torch.ones(1, 1, 14, 14), masks=300)
    assert float(answer.values.mean()) == pytest.approx(7.0, rel=0.05)
    assert float(answer.map.abs().max()) == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize("size", [(14, 21), (6, 14, 12)], ids=["picture", "volume"])
def test_it_finds_the_place_that_matters(size: tuple[int, ...]) -> None:
    """A score that looks at one place alone, which is worth 5: half of it in the mean.

    cov(f, M) / p at that place is 5 · var(M) / p, and var(M) is at most p · (1 − p).
    """
    place = tuple(length // 2 for length in size)

    class Looking(nn.Module):
        def forward(self, picture: Tensor) -> Tensor:
            return 5 * picture.movedim(0, -1)[0][place][:, None]

    answer = ask("rise", Looking(), torch.ones(1, 1, *size), masks=400)
    found = np.unravel_index(int(answer.map[0].argmax()), size)
    assert max(abs(one - two) for one, two in zip(found, place, strict=True)) <= 2
    assert 0.5 < float(answer.map.max()) <= 2.6


def test_few_masks_say_so() -> None:
    picture = torch.ones(1, 1, 8, 8)
    few = ask("rise", Corner(), picture, masks=10, cells=2)
    assert "standard error" in few.warnings[0]
    assert ask("rise", Corner(), picture, masks=400, cells=2).warnings == ()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    size=st.one_of(st.tuples(*[st.integers(1, 40)] * 2), st.tuples(*[st.integers(1, 12)] * 3)),
    cells=st.integers(2, 9),
    seed=st.integers(0, 99),
)
def test_masks_lie_over_the_whole_input(size: tuple[int, ...], cells: int, seed: int) -> None:
    (mask,) = islice(rise.masks(size, cells, 0.5, torch.Generator().manual_seed(seed)), 1)
    assert tuple(mask.shape) == size
    assert float(mask.min()) >= 0
    assert float(mask.max()) <= 1


@pytest.mark.parametrize("keep", [0.2, 0.5])
def test_masks_show_the_share_asked_for_everywhere(keep: float) -> None:
    drawn = rise.masks((20, 28), 7, keep, torch.Generator().manual_seed(0))
    mean = torch.stack(list(islice(drawn, 2000))).mean(dim=0)
    # Four standard errors of 2000 cells that are there or not.
    assert float((mean - keep).abs().max()) < 4 * (keep * (1 - keep) / 2000) ** 0.5


def test_a_mask_is_the_papers_grid_stretched_and_shifted() -> None:
    """A grid of 2 × 2 over 4 × 4 is stretched to 6 × 6, and 4 × 4 of that are cut out."""
    (mask,) = islice(rise.masks((4, 4), 2, 0.5, torch.Generator().manual_seed(5)), 1)
    generator = torch.Generator().manual_seed(5)
    grid = (torch.rand(2, 2, generator=generator) < 0.5).double().numpy()
    rows, columns = (int(torch.randint(2, (), generator=generator)) for _ in range(2))
    # Bilinear between centres of cells, which are 3 pixels long: at 1 and 4 of pixels 0 to 5.
    along = np.clip((np.arange(6) - 1) / 3, 0, 1)
    weights = np.stack([1 - along, along])
    wide = weights.T @ grid @ weights
    expected = wide[rows : rows + 4, columns : columns + 4]
    assert mask.numpy() == pytest.approx(expected, abs=1e-6)


def test_equal_seeds_give_equal_maps_in_batches_of_any_size() -> None:
    model, inputs = small_cnn((12, 12))
    first = ask("rise", model, inputs, masks=60, batch=7)
    assert torch.equal(first.map, ask("rise", model, inputs, masks=60, batch=7).map)
    assert torch.allclose(first.map, ask("rise", model, inputs, masks=60, batch=60).map, atol=1e-5)
    assert not torch.allclose(first.map, ask("rise", model, inputs, masks=60, seed=1).map)


def test_stopped_it_gives_what_is_known() -> None:
    class Enough(Task):
        def progress(self, done: int, total: int) -> None:
            super().progress(done, total)
            if done >= 21:
                self.stop()

    model, inputs = small_cnn((12, 12))
    answer = ask("rise", model, inputs, masks=100, batch=10, task=Enough())
    assert answer.warnings[0] == "Stopped after 20 of 100 masks."
    assert torch.allclose(answer.map, ask("rise", model, inputs, masks=20, batch=10).map)


def test_cancelled_between_two_passes() -> None:
    class Leaving(Task):
        def progress(self, done: int, total: int) -> None:
            super().progress(done, total)
            if done >= 11:
                self.cancel()

    model, inputs = small_cnn((12, 12))
    with pytest.raises(Cancelled):
        ask("rise", model, inputs, masks=100, batch=10, task=Leaving())
