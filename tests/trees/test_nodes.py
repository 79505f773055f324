"""All nodes at once give what a loop over the nodes gives, and what was computed by hand."""

import math

import pytest
import torch
from torch import Tensor

from ideas_lib.trees.nodes import (
    AxisSplits,
    Balance,
    ClassLeaves,
    ObliqueSplits,
    Slopes,
    SoftTree,
    ValueLeaves,
    arrivals,
    hard_leaves,
)

DEPTH, FEATURES, CLASSES = 3, 5, 4
NODES = 2**DEPTH - 1


def draw(*size: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*size, generator=generator, dtype=torch.float64)


def slopes(temperature: float = 0.5, nodes: int = NODES) -> Slopes:
    return Slopes(nodes, temperature, learned=True).double()


def oblique() -> ObliqueSplits:
    return ObliqueSplits(draw(NODES, FEATURES), draw(NODES, seed=1), slopes())


def axis() -> AxisSplits:
    return AxisSplits(draw(NODES, FEATURES), draw(NODES, FEATURES, seed=1), slopes())


def mixture_by_a_loop(gate, leaves: Tensor, node: int = 0) -> Tensor:
    """Mix the leaves below a node, node by node: the definition."""
    if node >= NODES:
        return leaves[node - NODES]
    no, yes = (mixture_by_a_loop(gate, leaves, 2 * node + side) for side in (1, 2))
    return (1 - gate(node)) * no + gate(node) * yes


def test_two_levels_by_hand() -> None:
    reached = arrivals(torch.tensor([[0.25, 0.5, 1.0]]))
    assert reached.tolist() == [[1, 0.75, 0.25, 0.375, 0.375, 0, 0.25]]


def test_leading_dimensions_stay() -> None:
    gates = torch.rand(2, 3, NODES, generator=torch.Generator().manual_seed(0))
    assert arrivals(gates).shape == (2, 3, 2 * NODES + 1)
    torch.testing.assert_close(arrivals(gates)[1, 2], arrivals(gates[1, 2:])[0])


def test_every_node_passes_on_what_it_gets() -> None:
    reached = arrivals(torch.sigmoid(3 * draw(6, NODES)))
    for node in range(NODES):
        both = reached[:, 2 * node + 1] + reached[:, 2 * node + 2]
        torch.testing.assert_close(both, reached[:, node])
    assert (reached >= 0).all()


@pytest.mark.parametrize("nodes", [2, 4, 8])
def test_an_incomplete_tree_is_refused(nodes: int) -> None:
    with pytest.raises(ValueError, match=f"not {nodes}"):
        arrivals(torch.zeros(1, nodes))


def test_the_mixture_is_that_of_a_loop_over_nodes() -> None:
    leaves = ClassLeaves(draw(NODES + 1, CLASSES, seed=2))
    tree, x = SoftTree(oblique(), leaves), draw(7, FEATURES, seed=3)
    for row, mixed in zip(x, tree(x), strict=True):

        def gate(node: int, row: Tensor = row) -> Tensor:
            logit = tree.splits.weight[node] @ row + tree.splits.bias[node]
            return torch.sigmoid(logit / 0.5)

        torch.testing.assert_close(mixed, mixture_by_a_loop(gate, leaves()))
    torch.testing.assert_close(tree(x).sum(1), torch.ones(7, dtype=torch.float64))


def test_an_axis_split_reads_one_feature() -> None:
    splits, x = axis(), draw(7, FEATURES, seed=3)
    for node, feature in enumerate(splits.score.argmax(1).tolist()):
        above = (x[:, feature] - splits.threshold[node, feature]) / 0.5
        torch.testing.assert_close(splits(x)[:, node], above)
    assert splits.choice().sum(1).tolist() == pytest.approx([1] * NODES)


def test_the_choice_learns_from_every_feature() -> None:
    splits, x = axis(), draw(7, FEATURES, seed=3)
    splits(x).square().sum().backward()
    assert (splits.score.grad != 0).all()
    # Of thresholds, only those of the features that are read count.
    read = torch.nn.functional.one_hot(splits.score.argmax(1), FEATURES).bool()
    assert (splits.threshold.grad[read] != 0).all()


def test_gradients_are_those_of_finite_differences() -> None:
    tree = SoftTree(oblique(), ValueLeaves(draw(NODES + 1, 1, seed=2)))
    x = draw(3, FEATURES, seed=3)
    weight = tree.splits.weight

    def output(values: Tensor) -> Tensor:
        logits = (x @ values.T + tree.splits.bias) * tree.splits.slopes()
        return arrivals(torch.sigmoid(logits))[:, -(NODES + 1) :] @ tree.leaves()

    assert torch.autograd.gradcheck(output, (weight.detach().clone().requires_grad_(),))
    (by_tree,) = torch.autograd.grad(tree(x).sum(), weight)
    (by_hand,) = torch.autograd.grad(output(weight).sum(), weight)
    torch.testing.assert_close(by_tree, by_hand)


def test_every_parameter_has_a_gradient() -> None:
    for splits in (oblique(), axis()):
        tree = SoftTree(splits, ClassLeaves(draw(NODES + 1, CLASSES, seed=2)))
        tree(draw(9, FEATURES, seed=3))[:, 0].log().mean().backward()
        for name, parameter in tree.named_parameters():
            assert parameter.grad is not None, name
            assert parameter.grad.abs().sum() > 0, name


def test_hard_leaves_walk_down() -> None:
    logits = draw(40, NODES)
    for row, leaf in zip(logits, hard_leaves(logits).tolist(), strict=True):
        node = 0
        while node < NODES:
            node = 2 * node + (2 if row[node] > 0 else 1)
        assert leaf == node - NODES


def test_at_a_temperature_near_0_all_weight_is_on_the_hard_leaf() -> None:
    splits, x = oblique(), draw(40, FEATURES, seed=3)
    splits.slopes.sharper.fill_(1e6)
    leaves = arrivals(torch.sigmoid(splits(x)))[:, -(NODES + 1) :]
    assert leaves.argmax(1).tolist() == hard_leaves(splits(x)).tolist()
    assert leaves.max(1).values.min() > 0.999


def test_temperature_divides() -> None:
    assert Slopes(3, 4.0, learned=False)().tolist() == pytest.approx([0.25] * 3)
    assert not Slopes(3, 4.0, learned=False).log.requires_grad
    warm = Slopes(3, 4.0, learned=True)
    assert warm.log.requires_grad
    warm.sharper.fill_(8)
    assert warm().tolist() == pytest.approx([2] * 3)


def test_the_penalty_by_hand() -> None:
    # Two levels, one batch of two rows. Root: yes 0.2 and 0.4, mean 0.3. Node 1 gets 0.8 and 0.6
    # of them and says 0.5: 0.5. Node 2 gets 0.2 and 0.4, says 0.9 and 0.3: (0.18 + 0.12) / 0.6.
    gates = torch.tensor([[0.2, 0.5, 0.9], [0.4, 0.5, 0.3]])
    balance = Balance(2)
    value = balance(gates, arrivals(gates), torch.ones(2)).item()

    def cost(share: float) -> float:
        return -0.5 * (math.log(share) + math.log(1 - share))

    assert value == pytest.approx(cost(0.3) + 0.5 * cost(0.5) + 0.5 * cost(0.5))
    # A second batch: the root looks at it alone; below, the first still counts half as much.
    again = torch.tensor([[0.5, 0.1, 0.5], [0.5, 0.1, 0.5]])
    value = balance(again, arrivals(again), torch.ones(2)).item()
    left = (0.5 * 0.7 * 0.5 + 0.5 * 0.1) / (0.5 * 0.7 + 0.5)
    right = (0.5 * 0.3 * 0.5 + 0.5 * 0.5) / (0.5 * 0.3 + 0.5)
    assert value == pytest.approx(cost(0.5) + 0.5 * cost(left) + 0.5 * cost(right))


def test_a_weight_of_2_balances_like_two_rows() -> None:
    gates = torch.sigmoid(draw(3, NODES))
    twice = gates[[0, 0, 1, 2]]
    weighted = Balance(DEPTH)(gates, arrivals(gates), torch.tensor([2.0, 1, 1]) * 3 / 4)
    repeated = Balance(DEPTH)(twice, arrivals(twice), torch.ones(4))
    assert weighted.item() == pytest.approx(repeated.item())


def test_the_penalty_is_least_where_both_sides_get_half() -> None:
    half = torch.full((4, NODES), 0.5, requires_grad=True)
    value = Balance(DEPTH)(half, arrivals(half), torch.ones(4))
    value.backward()
    assert value.item() == pytest.approx(DEPTH * math.log(2))
    assert half.grad.abs().max() < 1e-6
