"""The kit's optimizer in PyTorch's terms: the one place that knows its conventions."""
import torch

from cases import as_float


def adamw(parameters, options):
    """Weight decay is of matrices only: biases and norm scales have none."""
    matrices = [p for p in parameters.values() if p.dim() > 1]
    others = [p for p in parameters.values() if p.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": options["weight_decay"]},
              {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=options["learning_rate"],
                             betas=(options["beta1"], options["beta2"]), eps=options["epsilon"])


def clip(parameters, max_norm):
    """Returns the norm before."""
    return torch.nn.utils.clip_grad_norm_(list(parameters.values()), max_norm)


def draw_adamw(r):
    options = {"learning_rate": r.choice((1e-3, 3e-3)), "beta1": r.choice((0.9, 0.8)),
               "beta2": r.choice((0.95, 0.999)), "epsilon": r.choice((1e-8, 1e-6)),
               "weight_decay": r.choice((0.0, 0.1))}
    return {name: as_float(value) for name, value in options.items()}
