"""The causal mask's tweak and ceiling: masks by hand, what they amount to, arms of the study."""

import sys
from itertools import combinations
from typing import Any

import pytest
import torch

from ideas_lib.gpt import GPTConfig, build
from ideas_lib.gpt.controls.causal_mask import EveryToken
from ideas_lib.gpt.controls.null_attention import BosToken
from ideas_lib.gpt.model import Causal
from ideas_lib.gpt.training import flops, parameters
from ideas_lib.gpt.tweaks.causal_mask import READINGS, CausalMask
from ideas_lib.gpt.tweaks.zero_input import ZeroInput
from ideas_lib.study.study import load_study

CPU = torch.device("cpu")
CONFIG = GPTConfig(layers=2, context=12)


def picture(tweak: Any, length: int) -> list[str]:
    layout, _ = tweak.arrange(Causal()(length, CPU))
    return ["".join(".x"[int(seen)] for seen in row) for row in layout.mask]


def test_two_blocks_by_hand() -> None:
    # Rows and columns: five tokens, then the second reading of the first two blocks of two.
    answers = ["x....", "xx...", "xxx..", "xxxx.", "xxxxx"]
    second = ["....", "....", "xx..", "xx..", "xxxx"]
    back = ["..... xx..", "..... .x..", "xx... xxxx", "xx... xx.x"]
    both = ["..... xx..", "..... xx..", "xx... xxxx", "xx... xxxx"]
    forth = ["xx... x...", "xx... xx..", "xxxx. xxx.", "xxxx. xxxx"]
    for reading, again in zip(READINGS, (back, both, forth), strict=True):
        rows = [a + s for a, s in zip(answers, second, strict=True)]
        want = rows + [row.replace(" ", "") for row in again]
        assert picture(CausalMask(2, reading=reading), 5) == want, reading


def test_a_prefix_language_model_by_hand() -> None:
    # One block, read both ways in place of the first reading: what follows sees no row twice.
    want = ["x....", "xx...", "..x..", "..xx.", "..xxx"]
    second = ["..", "..", "xx", "xx", "xx"]
    rows = [a + s for a, s in zip(want, second, strict=True)] + [".....xx"] * 2
    assert picture(CausalMask(2, 1, reading="both", keep=False), 5) == rows


def test_every_token_by_hand() -> None:
    # The third token's answer is row 2, and rows 3 and 4 are its copies of what came before.
    tweak = EveryToken(2)
    assert picture(tweak, 3) == ["x....", "xx...", "..xxx", "..xxx", "..xxx"]
    _, rows = tweak.arrange(Causal()(4, CPU))
    assert rows.tolist() == [0, 1, 2, 3, 0, 1, 0, 1, 2]


def test_behind_the_prefix_it_is_a_prefix_language_model(draw) -> None:
    class Prefix(torch.nn.Module):
        def forward(self, length: int, device: torch.device) -> Any:
            layout = Causal()(length, device)
            layout.mask[:5, :5] = True
            return layout

    class Leaky:
        def apply(self, parts: Any) -> Any:
            return parts.swap(layout=lambda config: Prefix())

    tokens = draw(2, CONFIG)
    tweak = CausalMask(5, 1, reading="both", keep=False, mark=False)
    got, want = build(CONFIG, tweak)(tokens), build(CONFIG, Leaky())(tokens)
    torch.testing.assert_close(got[:, 5:], want[:, 5:], atol=1e-5, rtol=1e-5)
    plain = build(CONFIG)(tokens)
    torch.testing.assert_close(got[:, :5], plain[:, :5], atol=1e-5, rtol=1e-5)
    assert not torch.allclose(want[:, :5], plain[:, :5], atol=1e-2)  # the leak that this is without


def test_the_ceiling_is_an_encoder_run_anew_for_every_prefix(draw) -> None:
    class Open(torch.nn.Module):
        def forward(self, length: int, device: torch.device) -> Any:
            layout = Causal()(length, device)
            return layout._replace(mask=torch.ones_like(layout.mask))

    class Encoder:
        def apply(self, parts: Any) -> Any:
            return parts.swap(layout=lambda config: Open())

    tokens = draw(2, CONFIG)
    got, encoder = build(CONFIG, EveryToken(0))(tokens), build(CONFIG, Encoder())
    for t in range(12):
        want = encoder(tokens[:, : t + 1])[:, -1]
        torch.testing.assert_close(got[:, t], want, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize(("block", "again"), [(1, None), (4, None), (5, 1), (5, 2), (12, 1)])
def test_every_form_is_causal(
    block: int, again: int | None, reading: str, keep: bool, causal
) -> None:
    causal(build(CONFIG, CausalMask(block, again, reading, keep)))


@pytest.mark.parametrize("start", [0, 5, 11, 44])
def test_the_ceiling_is_causal_wherever_it_starts(start: int, causal) -> None:
    causal(build(CONFIG, EveryToken(start)))


@pytest.mark.parametrize("other", [BosToken(), ZeroInput()])
@pytest.mark.parametrize("tweak", [CausalMask(4), CausalMask(4, 1, "both", False), EveryToken(6)])
def test_with_other_rows_in_either_order(tweak: Any, other: Any, causal) -> None:
    causal(build(CONFIG, tweak, other))
    causal(build(CONFIG, other, tweak))


def test_what_is_read_later_moves_an_early_row_and_only_in_the_second_reading(draw) -> None:
    tokens = draw(1, CONFIG)
    moved = tokens.clone()
    moved[:, 3] = (moved[:, 3] + 1) % 50
    for reading, moves in (("back", True), ("both", True)):
        model = build(CONFIG, CausalMask(4, 1, reading))
        one: list[Any] = []
        other: list[Any] = []
        model(tokens, one)
        model(moved, other)
        change = (one[-1].x - other[-1].x).abs().amax(-1)[0]
        assert change[0] == 0  # the first token, as it was read first
        assert (change[12] > 1e-3) == moves  # and as it was read again


def test_a_text_within_one_block_is_the_baselines(draw) -> None:
    tokens = draw(2, CONFIG)[:, :4]
    assert torch.equal(build(CONFIG, CausalMask(4))(tokens), build(CONFIG)(tokens))


def test_costs_by_hand() -> None:
    v, d, t = 50, 32, 12
    plain = parameters(build(CONFIG))
    assert parameters(build(CONFIG, CausalMask(4))) == plain + d  # the mark
    assert parameters(build(CONFIG, CausalMask(4, mark=False))) == plain
    assert parameters(build(CONFIG, EveryToken(6))) == plain
    # Rows of two layers: 12 d^2 each, and every one meets them all twice; the head, T times.
    for tweak, rows in ((CausalMask(4), 20), (CausalMask(4, 1), 16), (EveryToken(10), 12 + 21)):
        want = 2 * (t * v * d + 2 * rows * (12 * d * d + 2 * rows * d))
        assert flops(build(CONFIG, tweak)) == want // t


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"block": 0}, "block must be at least 1"),
        ({"again": -1}, "again at least 0"),
        ({"reading": "tea leaves"}, "reading='tea leaves' is none of"),
    ],
)
def test_what_cannot_be_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CausalMask(**settings)


def test_every_arm_of_the_study_builds_and_no_two_are_the_same(draw) -> None:
    load_study("causal-mask")
    module, tokens = sys.modules["studies.causal_mask"], draw(2, CONFIG)
    arms = {arm for experiment in module.STUDY.experiments for arm in experiment.arms}
    models = {
        arm: build(GPTConfig(layers=module.layers(arm), context=12), *module.tweaks(arm, 4))
        for arm in sorted(arms)
    }
    logits = {arm: model(tokens) for arm, model in models.items()}
    for one, other in combinations(logits, 2):
        assert not torch.allclose(logits[one], logits[other], atol=1e-4), (one, other)
    assert {*module.STUDY.prediction.arms} <= set(module.ARMS)


def test_the_idea_and_its_rivals_cost_alike() -> None:
    load_study("causal-mask")
    module = sys.modules["studies.causal_mask"]
    shape = {name: module.SETTINGS[name] for name in ("d_model", "heads")}
    cost = {
        arm: flops(
            build(
                GPTConfig(48, context=16, layers=module.layers(arm), **shape),
                *module.tweaks(arm, module.SETTINGS["listed"]),
            )
        )
        for arm in module.ARMS
    }
    idea = cost["back"]
    assert {cost[arm] for arm in module.ARMS if arm not in ("causal", "deeper")} == {idea}
    assert 0.95 < cost["deeper"] / idea < 1 < idea / cost["causal"]
