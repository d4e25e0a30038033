"""What a comparison gives, and how the kit's pieces are held against whole tensors."""
import math
from dataclasses import dataclass

import torch


def bound_beside(own):
    """Ten times what PyTorch itself is off by in the kit's type, and at least 16 roundings of float32.
    The right result in another order of sums is seldom three times as far off (docs/pytorch.md)."""
    return max(1e-6, 10 * own)


@dataclass
class Measure:
    """One comparison, which counts in a row of the table for each of its labels."""

    group: str
    labels: tuple  # of (aspect, value)
    error: float
    own: float = math.nan  # PyTorch's error at the same thing, in the kit's type
    bound: float = math.nan  # that of bound_beside, if it is not given

    def __post_init__(self):
        if math.isnan(self.bound):
            self.bound = bound_beside(self.own)

    @property
    def holds(self):
        return self.error <= self.bound  # not so for NaN

    @property
    def nearness(self):
        """To its bound; for the table."""
        if math.isnan(self.error) or self.bound == 0:
            return 0.0 if self.error == 0 else math.inf
        return self.error / self.bound


def worst(differences):
    """The largest; infinite if one is NaN, which max() may pass over."""
    return max((math.inf if math.isnan(d) else d for d in differences), default=0.0)


def difference(made, wanted):
    return worst([(made.double() - wanted.double()).abs().max().item()]) if wanted.numel() else 0.0


def relative(made, wanted, scales):
    """Worst difference of two sets of whole tensors, each over its scale."""
    return worst(difference(made[name], wanted[name]) / scales[name] for name in wanted)


def pieces_of(tensors, before=""):
    """(rank, name, index of the slices in the full tensor, numbers) of every piece."""
    for key, numbers in tensors.items():
        if not key.startswith(before):
            continue
        parts = key[len(before):].split("/")
        if len(parts) != 6:  # no piece
            continue
        rank, _, dim, first, count = map(int, parts[:5])
        yield rank, parts[5], (slice(None),) * dim + (slice(first, first + count),), numbers


def relative_of_pieces(tensors, wanted, scales, ranks, before=""):
    """The same of what every rank holds. Infinite if ranks, tensors or parts of one are missing."""
    held = {name: torch.zeros(tensor.shape, dtype=torch.bool) for name, tensor in wanted.items()}
    seen, error = set(), 0.0
    for rank, name, index, numbers in pieces_of(tensors, before):
        if name not in wanted:
            return math.inf
        seen.add(rank)
        held[name][index] = True
        error = worst([error, difference(numbers, wanted[name][index].flatten()) / scales[name]])
    whole = all(mask.all() for mask in held.values()) and seen == set(range(ranks))
    return error if whole else math.inf


def ranks_of(grid):
    return grid["tp"] * grid["pp"] * grid["dp"]
