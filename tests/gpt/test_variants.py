"""Every idea that has a file, alone, and in mixes that hold every two of them in either order.

Nothing here names an idea: a file put into `tweaks/`, a fork's too, is covered from then on.
"""

import dataclasses
import importlib
import subprocess
import sys
from collections.abc import Iterable
from itertools import combinations, permutations
from types import ModuleType
from typing import Any

import pytest
import torch

from ideas_lib.gpt import GPT, VARIANTS, GPTConfig, build, tweaks, variants
from ideas_lib.gpt.tasks import Counting
from ideas_lib.gpt.training import Recipe, flops, loss_of, parameters, train


def pairwise_cover(names: Iterable[str], size: int) -> list[tuple[str, ...]]:
    """Return mixes of at most `size` in which every name comes before every other once.

    Greedy: a mix begins with a pair that is missing, and takes in whatever adds most pairs.
    """
    names = list(names)
    missing = dict.fromkeys(permutations(names, 2))  # a set that keeps its order
    mixes = []
    while missing:
        mix = next(iter(missing))
        while len(mix) < min(size, len(names)):
            larger = [
                (*mix[:at], name, *mix[at:])
                for name in names
                if name not in mix
                for at in range(len(mix) + 1)
            ]
            mix = max(larger, key=lambda made: len(missing.keys() & combinations(made, 2)))
        for pair in combinations(mix, 2):
            missing.pop(pair, None)
        mixes.append(mix)
    return mixes


CONFIG = GPTConfig(vocab_size=50, d_model=32, heads=2, layers=3, context=48)
TASK = Counting(vocab_size=50)
MIXES = [(slug,) for slug in VARIANTS] + pairwise_cover(VARIANTS, size=4)
each = pytest.mark.parametrize("slug", VARIANTS)
every_mix = pytest.mark.parametrize("mix", MIXES, ids=" + ".join)


def made(mix: tuple[str, ...], seed: int = 0) -> GPT:
    return build(CONFIG, *(VARIANTS[slug] for slug in mix), seed=seed)


def module_of(slug: str) -> ModuleType:
    return importlib.import_module(f"{tweaks.__name__}.{slug.replace('-', '_')}")


# One by one, and mixed.


@every_mix
def test_trains_with_a_finite_loss(mix: tuple[str, ...]) -> None:
    run = train(made(mix), TASK, Recipe(steps=3, batch=8, warmup=1))
    assert all(0 < loss < 20 for loss in run.losses)


@every_mix
def test_moving_a_token_moves_no_logit_before_it(mix: tuple[str, ...], causal) -> None:
    causal(made(mix))


@every_mix
def test_every_parameter_has_a_gradient_by_step_2(mix: tuple[str, ...]) -> None:
    model = made(mix)
    alive = set()

    def note(step: int, loss: float) -> None:
        alive.update(n for n, p in model.named_parameters() if p.grad is not None and p.grad.any())

    train(model, TASK, Recipe(steps=2, batch=8, warmup=0), each_step=note)
    assert {n for n, p in model.named_parameters() if p.requires_grad} - alive == set()


@every_mix
def test_weights_spelt_out_give_the_fused_kernels_logits(mix: tuple[str, ...], draw) -> None:
    model, traces = made(mix), []
    tokens = draw(2, CONFIG)
    torch.testing.assert_close(model(tokens, traces), model(tokens), atol=2e-5, rtol=1e-5)
    assert len(traces) == CONFIG.layers
    for trace in traces:
        torch.testing.assert_close(trace.weights.sum(-1), torch.ones(trace.weights.shape[:-1]))


@every_mix
def test_parameters_and_flops_are_reported(mix: tuple[str, ...]) -> None:
    model = made(mix)
    assert parameters(model) == sum(p.numel() for p in model.parameters() if p.requires_grad) > 0
    assert flops(model) > 2 * CONFIG.vocab_size * CONFIG.d_model


@every_mix
def test_a_seed_gives_one_model_and_another_seed_another(mix: tuple[str, ...]) -> None:
    torch.manual_seed(1)
    one = dict(made(mix, seed=1).named_parameters())
    torch.manual_seed(2)
    again, other = (dict(made(mix, seed=seed).named_parameters()) for seed in (1, 2))
    for name, p in one.items():
        assert torch.equal(p, again[name]), f"{name} is drawn from the global generator"
    assert not all(torch.equal(p, other[name]) for name, p in one.items())


@each
def test_what_it_shares_with_the_baseline_starts_alike(slug: str) -> None:
    plain = build(CONFIG, seed=3).state_dict()
    named = made((slug,), seed=3).state_dict().items()
    tweaked = {n.replace("inner.", ""): p for n, p in named}
    for name in plain.keys() & tweaked.keys():
        if plain[name].shape == tweaked[name].shape:
            assert torch.equal(plain[name], tweaked[name]), name


@each
def test_trained_twice_is_the_same_bit_for_bit(slug: str) -> None:
    runs = []
    for _ in range(2):
        model = made((slug,), seed=1)
        losses = train(model, TASK, Recipe(steps=3, batch=8), seed=1).losses
        runs.append((losses, [p.detach().clone() for p in model.parameters()]))
    assert runs[0][0] == runs[1][0]
    assert all(map(torch.equal, runs[0][1], runs[1][1]))


@each
def test_neutral_is_the_baseline_bit_for_bit(slug: str, draw) -> None:
    neutral = module_of(slug).NEUTRAL
    plain, tweaked = build(CONFIG, seed=2), build(CONFIG, neutral, seed=2)
    tokens = draw(2, CONFIG)
    assert torch.equal(plain(tokens), tweaked(tokens))
    recipe = Recipe(steps=3, batch=8, warmup=0)
    assert train(plain, TASK, recipe).losses == train(tweaked, TASK, recipe).losses
    assert torch.equal(plain(tokens), tweaked(tokens))


@each
def test_it_is_not_the_baseline(slug: str, draw) -> None:
    tokens = draw(2, CONFIG)
    assert not torch.equal(made((slug,))(tokens), build(CONFIG)(tokens))


@each
def test_it_is_a_frozen_dataclass_of_plain_settings(slug: str) -> None:
    tweak: Any = VARIANTS[slug]
    assert dataclasses.is_dataclass(tweak)
    assert type(tweak)() == tweak, "the variant is not what the class gives by default"
    assert hash(tweak) == hash(type(tweak)())
    for setting in dataclasses.fields(tweak):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(tweak, setting.name, getattr(tweak, setting.name))


@each
def test_a_text_shorter_than_the_context_will_do(slug: str, draw) -> None:
    model, tokens = made((slug,)), draw(2, CONFIG)
    for length in (1, 2, 7):
        torch.testing.assert_close(
            model(tokens[:, :length]), model(tokens)[:, :length], atol=1e-4, rtol=1e-4
        )


# The mixes, and the mapping itself.


@pytest.mark.parametrize("count", [1, 2, 3, 8, 16])
def test_every_two_are_together_in_some_mix_in_either_order(count: int) -> None:
    names = [f"idea-{i}" for i in range(count)]
    mixes = pairwise_cover(names, size=4)
    assert {pair for mix in mixes for pair in combinations(mix, 2)} == {*permutations(names, 2)}
    assert all(len({*mix}) == len(mix) <= 4 for mix in mixes)
    assert len(mixes) <= max(2, count * (count - 1) / 3)


def test_slugs_are_file_names_and_in_order() -> None:
    assert "null-attention" in VARIANTS
    assert list(VARIANTS) == sorted(VARIANTS)
    assert len(VARIANTS) == len(list(VARIANTS))
    assert all("_" not in slug for slug in VARIANTS)
    assert repr(VARIANTS) == f"VARIANTS({', '.join(VARIANTS)})"
    for slug in VARIANTS:
        assert VARIANTS[slug] is module_of(slug).TWEAK


@pytest.mark.parametrize("slug", ["nonsense", "null_attention", "../model", "", "__init__"])
def test_a_variant_that_there_is_not_is_told_those_there_are(slug: str) -> None:
    with pytest.raises(KeyError, match=f"no variant '{slug}'; there are .*null-attention"):
        VARIANTS[slug]


def test_a_file_put_there_is_a_variant(tmp_path, monkeypatch) -> None:
    folder = tmp_path / "tweaks"
    folder.mkdir()
    (folder / "brand_new.py").write_text("TWEAK = 'me'\n")
    (folder / "_helper.py").write_text("")
    monkeypatch.setattr(variants, "__file__", str(tmp_path / "variants.py"))
    monkeypatch.setattr(tweaks, "__path__", [*tweaks.__path__, str(folder)])
    assert list(VARIANTS) == ["brand-new"]
    assert VARIANTS["brand-new"] == "me"
    monkeypatch.delitem(sys.modules, f"{tweaks.__name__}.brand_new")


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    code = """
import sys
import ideas_lib.gpt as gpt
import ideas_lib.gpt.tasks
print("torch" in sys.modules)
from ideas_lib.gpt import probe, training
def ideas():
    return sorted(m for m in sys.modules if m.startswith("ideas_lib.gpt.tweaks."))
print(len(list(gpt.VARIANTS)) > 0, ideas())
gpt.VARIANTS["null-attention"]
print(ideas())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "False",
        "True []",
        "['ideas_lib.gpt.tweaks.null_attention']",
    ]


# What the variants have in common at the start.


def test_loss_at_first_is_that_of_guessing(draw) -> None:
    tokens = draw(16, CONFIG)
    for slug in VARIANTS:
        # Logits of variance 1 cost half a nat more than uniform ones, ln 50 = 3.91.
        assert 3.5 < loss_of(made((slug,)), tokens, tokens.roll(-7, 1)).item() < 5.5, slug
