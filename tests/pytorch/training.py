"""20 training steps: their losses against the same steps in float64."""
import torch

import recipe
import reference
import weights
from gradients import as_lists, together
from measure import Measure, ranks_of, worst

STEPS = 20
SHAKEN = 3  # runs of PyTorch from weights one rounding away


def losses_of(start, model, steps, options, max_norm, dtype):
    w = reference.parameters(start, dtype)
    optimizer = recipe.adamw(w, options)
    losses = []
    for step in steps:
        optimizer.zero_grad()
        loss = reference.mean_loss(w, model, *together(step))
        loss.backward()
        if max_norm > 0:
            recipe.clip(w, max_norm)
        optimizer.step()
        losses.append(loss.item())
    return losses


def shaken(start, seed):
    """Every number is one of its neighbours in float32."""
    generator = torch.Generator().manual_seed(seed)
    return {name: torch.nextafter(w, torch.randn(w.shape, generator=generator) * torch.inf)
            for name, w in start.items()}


def worst_of(losses, wanted):
    return worst(abs(x / y - 1) for x, y in zip(losses, wanted))


class Training:
    group = "losses"

    def __init__(self, case):
        self.case = case
        self.adamw = recipe.draw_adamw(case.random)
        self.max_norm = case.random.choice((0, 0.5))
        self.weights = weights.draw(case.model, case.seed)
        self.steps = case.batches(STEPS, torch.Generator().manual_seed(case.seed + 1))

    def __str__(self):
        return f"case {self.case.number}: {self.adamw} clip {self.max_norm} {self.case.model} {self.case.grid}"

    def job(self):
        job = {"what": "training", **self.case.job(), "adamw": self.adamw, "max_norm": self.max_norm,
               "steps": as_lists(self.steps)}
        return job, {"weights": self.weights}

    def judge(self, made):
        def losses(start, dtype):
            return losses_of(start, self.case.model, self.steps, self.adamw, self.max_norm, dtype)

        wanted = losses(self.weights, torch.float64)
        of_ranks = [made[f"loss/{rank}"].tolist() for rank in range(ranks_of(self.case.grid))]
        # Training magnifies roundings, by how much one run does not tell.
        starts = [self.weights] + [shaken(self.weights, seed) for seed in range(SHAKEN)]
        own = worst(worst_of(losses(start, torch.float32), wanted) for start in starts)
        yield Measure(self.group, (("", f"of {STEPS} steps"),), worst(worst_of(x, wanted) for x in of_ranks), own)
