"""One training step: the loss, and every gradient of every rank, against float64 autograd."""
import torch

import reference
import weights
from measure import Measure, ranks_of, relative, relative_of_pieces, worst


def as_lists(steps):
    return [[{"tokens": tokens.flatten().tolist(), "targets": targets.flatten().tolist()}
             for tokens, targets in step] for step in steps]


def together(step):
    """The micro-batches of a step as one batch: the kit's loss is the mean over all of them."""
    return tuple(torch.cat(parts) for parts in zip(*step))


class Gradients:
    """Of a model in float32."""

    group, dtype, dtype_name = "gradients", torch.float32, "f32"

    def __init__(self, case):
        self.case = case
        case.model["dtype"] = self.dtype_name
        self.weights = {name: numbers.to(self.dtype).float()  # both sides start from what the type can hold
                        for name, numbers in weights.draw(case.model, case.seed).items()}
        self.steps = case.batches(1, torch.Generator().manual_seed(case.seed + 1))

    def __str__(self):
        c = self.case
        return f"case {c.number}: {c.model} {c.grid} {c.pipeline} {c.sequences} sequences"

    def job(self):
        return {"what": "gradients", **self.case.job(), "steps": as_lists(self.steps)}, {"weights": self.weights}

    def gradients(self, dtype):
        return reference.gradients(self.weights, self.case.model, *together(self.steps[0]), dtype)

    def judge(self, made):
        (loss, wanted), (own_loss, own) = self.gradients(torch.float64), self.gradients(self.dtype)
        scales, ranks = weights.largest_of_fused(wanted), ranks_of(self.case.grid)
        yield Measure(self.group, self.labels(), relative_of_pieces(made, wanted, scales, ranks),
                      relative(own, wanted, scales))
        yield from self.judge_losses(worst(abs(made[f"loss/{rank}"].item() / loss - 1) for rank in range(ranks)),
                                     abs(own_loss / loss - 1))

    def labels(self):
        return self.case.labels()

    def judge_losses(self, error, own):
        yield Measure("losses", (("", "of one step"),), error, own)


class Bf16Gradients(Gradients):
    """Of a model in bfloat16. Its losses have too few digits to be told apart."""

    group, dtype, dtype_name = "gradients in bf16", torch.bfloat16, "bf16"

    def labels(self):
        return (("family", self.case.family),)

    def judge_losses(self, error, own):
        return ()
