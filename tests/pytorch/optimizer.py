"""Clipping and AdamW, step by step, on gradients that are given: what a gradient's own rounding
does to a step is left out, so the bounds are sharp."""
import math

import torch

import recipe
import reference
import weights
from measure import Measure, ranks_of, relative, relative_of_pieces, worst

STEPS = 6


class Optimizer:
    group = "optimizer"

    def __init__(self, case):
        r = case.random
        self.case = case
        self.adamw = {**recipe.draw_adamw(r), "learning_rate": r.choice((0.03, 0.1))}
        self.weights = weights.draw(case.model, case.seed)
        generator = torch.Generator().manual_seed(case.seed + 2)
        # From far above epsilon to far below; in one step of three of a norm near clipping's 1e-6.
        size = {name: 10 ** r.uniform(-9, 0) for name in self.weights}
        self.gradients = [{name: torch.randn(w.shape, generator=generator) * size[name] * (1e-5 if step % 3 == 1 else 1)
                           for name, w in self.weights.items()} for step in range(STEPS)]
        self.norms = [math.sqrt(sum(g.double().square().sum().item() for g in step.values()))
                      for step in self.gradients]
        self.max_norm = r.choice(self.norms) * r.choice((0.3, 0.999, 1.001, 3))

    def __str__(self):
        return f"case {self.case.number}: {self.adamw} clip {self.max_norm} {self.case.model} {self.case.grid}"

    def job(self):
        job = {"what": "optimizer", **self.case.job(), "adamw": self.adamw, "max_norm": self.max_norm}
        return job, {"weights": self.weights, "gradients": self.gradients}

    def steps_in(self, dtype):
        """After each step: the squared norm, the clipped gradients, the weights, AdamW's states."""
        w = reference.parameters(self.weights, dtype)
        optimizer = recipe.adamw(w, self.adamw)
        for gradients in self.gradients:
            for name, tensor in w.items():
                tensor.grad = gradients[name].to(dtype, copy=True)  # clipping is in place
            norm = recipe.clip(w, self.max_norm).item()
            clipped = {name: tensor.grad.clone() for name, tensor in w.items()}
            optimizer.step()
            states = {f"adamw.{kind}.{name}": optimizer.state[tensor][key].clone() for name, tensor in w.items()
                      for kind, key in (("m", "exp_avg"), ("v", "exp_avg_sq"))}
            yield norm**2, clipped, {name: tensor.detach().clone() for name, tensor in w.items()}, states

    def judge(self, made):
        """Errors of a kind, over all steps, and those of PyTorch in float32."""
        errors = {}
        for step, (wanted, in32) in enumerate(zip(self.steps_in(torch.float64), self.steps_in(torch.float32))):
            for kind, pair in self.errors_of(f"step{step}/", step + 1, made, wanted, in32):
                errors.setdefault(kind, []).append(pair)
        for kind, pairs in errors.items():
            mine, own = (worst(side) for side in zip(*pairs))
            yield Measure(self.group, (("", kind),), mine, own)

    def errors_of(self, at, steps, made, wanted, in32):
        ranks = ranks_of(self.case.grid)
        norms = worst(abs(made[f"{at}squared/{rank}"].item() / wanted[0] - 1) for rank in range(ranks))
        yield "norm", (norms, abs(in32[0] / wanted[0] - 1))
        # Of weights: over what AdamW may have moved one by, about the learning rate each step.
        moved = dict.fromkeys(wanted[2], self.adamw["learning_rate"] * steps)
        kinds = (("clipped gradients", "gradient/", largest_of(wanted[1])), ("AdamW: weights", "weight/", moved),
                 ("AdamW: states", "state/", largest_of(wanted[3])))
        for (kind, before, scales), tensors, tensors32 in zip(kinds, wanted[1:], in32[1:]):
            yield kind, (relative_of_pieces(made, tensors, scales, ranks, at + before),
                         relative(tensors32, tensors, scales))


def largest_of(tensors):
    return {name: tensor.abs().max().item() for name, tensor in tensors.items()}
