"""Plants an error at a time, in what the kit is given or in what it made, and sees the row of its
group fail. Started by run.sh --self-test: self_test.py PROGRAM FOLDER SEED"""
import contextlib
import io
import random
import sys
from unittest import mock

import torch

import kit
import recipe
from cases import Case
from files import Checkpoint, Copies
from generation import Generation
from gradients import Bf16Gradients, Gradients
from optimizer import Optimizer
from training import Training

TRIALS = 4


class Plant(kit.NoPlant):
    """One of `given`, which changes a job and its files, `made`, which changes the result, and
    `convention`, a function of recipe.py that is another here."""

    def __init__(self, given=None, made=None, convention=None):
        if given:
            self.before = given
        if made:
            self.after = made
        self.convention = convention

    def in_force(self):
        if not self.convention:
            return contextlib.nullcontext()
        return mock.patch.object(recipe, self.convention.__name__, self.convention)


def changed(keys, factor):
    """job[keys[0]][keys[1]]... times factor."""
    def change(job, files):
        part = job
        for key in keys[:-1]:
            part = part[key]
        part[keys[-1]] *= factor
    return Plant(given=change)


def transposed(job, files):
    name = "blocks.0.attention.out.weight"
    files["weights"] = {**files["weights"], name: files["weights"][name].T}


def one_target(job, files):
    target = job["steps"][-1][-1]["targets"]
    target[-1] = (target[-1] + 1) % job["model"]["vocabulary"]


def one_gradient(ending, before=""):
    """Of the last rank that holds a tensor of such a name, 1 % too large."""
    def change(made):
        key = max(key for key in made if key.startswith(before) and key.endswith(ending))
        made[key] *= 1.01
    return Plant(made=change)


def key_bias(made):
    """Its true gradient is 0: 1 % of the query's largest is added."""
    key = next(key for key in made if key.endswith("attention.k.bias"))
    made[key] += 0.01 * max(made[k].abs().max() for k in made if k.endswith("attention.q.bias"))


def one_rank(made):
    last = max(int(key.split("/")[0]) for key in made if not key.startswith("loss"))
    for key in [key for key in made if key.startswith(f"{last}/")]:
        del made[key]


def one_token(made):
    made[max(made)][-1] += 1


def one_bit(made):
    made["extremes"][2] = torch.nextafter(made["extremes"][2], torch.tensor(0.0))


def adamw(parameters, options):
    """Weight decay of everything."""
    return torch.optim.AdamW(parameters.values(), lr=options["learning_rate"],
                             betas=(options["beta1"], options["beta2"]), eps=options["epsilon"],
                             weight_decay=options["weight_decay"])


def clip(parameters, max_norm):
    """Without PyTorch's 1e-6."""
    norm = torch.nn.utils.get_total_norm([p.grad for p in parameters.values()])
    for p in parameters.values():
        p.grad *= min(1, max_norm / norm)
    return norm


def cases(seed, family):
    return [Case(i, seed) for i in range(42) if (i // 7 % 2 == 0) == (family == "gpt2")]


def shows_all(optimizer):
    """Weights decay, and the step whose norm is near 1e-6 is clipped, too."""
    return optimizer.adamw["weight_decay"] > 0 and optimizer.max_norm < min(optimizer.norms)


def plants(seed):
    """(what is planted, the group whose row must fail, trials, plant)"""
    gpt2, llama = cases(seed, "gpt2"), cases(seed, "llama")
    gradients = [Gradients(c) for c in random.Random(seed).sample(gpt2, TRIALS)]
    rotary = [Gradients(c) for c in random.Random(seed).sample(llama, TRIALS)]
    bf16 = [Bf16Gradients(Case(i, seed)) for i in range(TRIALS)]
    training = [Training(Case(i, seed)) for i in range(TRIALS)]
    optimizer = [o for o in (Optimizer(Case(i, seed)) for i in range(20 * TRIALS)) if shows_all(o)][:TRIALS]
    tokens = [Generation(i, seed) for i in range(TRIALS)]
    copies = [Copies(i, seed) for i in range(TRIALS)]
    checkpoints = [Checkpoint(Case(2 * i + 1, seed)) for i in range(TRIALS)]
    loaded = [Checkpoint(Case(2 * i, seed)) for i in range(TRIALS)]
    for name in ("mlp.down.weight", "attention.v.weight", "norm1.scale", "positions.weight", "embedding.weight"):
        yield f"one rank's gradient of {name} 1 % too large", "gradients", gradients, one_gradient(name)
    yield "a key bias with 1 % of the query's gradient", "gradients", gradients, Plant(made=key_bias)
    yield "nothing of the last rank", "gradients", gradients, Plant(made=one_rank)
    yield "a square weight transposed", "gradients", gradients, Plant(given=transposed)
    yield "one target another", "gradients", gradients, Plant(given=one_target)
    yield "rotary base 1 % too large", "gradients", rotary, changed(("model", "rotary_theta"), 1.01)
    yield "epsilon of norms 10 % too large", "gradients", rotary, changed(("model", "norm_epsilon"), 1.1)
    yield "a square weight transposed", "gradients in bf16", bf16, Plant(given=transposed)
    yield "nothing of the last rank", "gradients in bf16", bf16, Plant(made=one_rank)
    yield "the last step's last target another", "losses", training, Plant(given=one_target)
    yield "learning rate 1 % too large", "losses", training, changed(("adamw", "learning_rate"), 1.01)
    yield "learning rate 0.1 % too large", "optimizer", optimizer, changed(("adamw", "learning_rate"), 1.001)
    yield "beta1 1 % too small", "optimizer", optimizer, changed(("adamw", "beta1"), 0.99)
    yield "beta2 0.1 % too small", "optimizer", optimizer, changed(("adamw", "beta2"), 0.999)
    yield "epsilon 1 % too large", "optimizer", optimizer, changed(("adamw", "epsilon"), 1.01)
    yield "weight decay 1 % too large", "optimizer", optimizer, changed(("adamw", "weight_decay"), 1.01)
    yield "largest norm 0.1 % too large", "optimizer", optimizer, changed(("max_norm",), 1.001)
    yield "a state 1 % too large", "optimizer", optimizer, one_gradient("adamw.v.norm.scale", "step0/state/")
    yield "a clipped gradient 1 % too large", "optimizer", optimizer, one_gradient("norm.scale", "step0/gradient/")
    yield "weight decay of biases, too", "optimizer", optimizer, Plant(convention=adamw)
    yield "clipping without 1e-6", "optimizer", optimizer, Plant(convention=clip)
    yield "a square weight transposed", "greedy tokens", tokens, Plant(given=transposed)
    yield "one token another", "greedy tokens", tokens, Plant(made=one_token)
    yield "one bit of one number", "safetensors", copies, Plant(made=one_bit)
    yield "a square weight of a grid that saves transposed", "safetensors", checkpoints, Plant(given=transposed)
    yield "a square weight of a file that a grid loads transposed", "safetensors", loaded, Plant(given=transposed)


def failed_groups(trials, program, folder, plant):
    with contextlib.redirect_stdout(io.StringIO()), plant.in_force():  # what failed is what was wanted
        return {m.group for m in kit.run(trials, program, folder, plant) if not m.holds}


def main():
    program, folder, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
    torch.set_num_threads(1)
    wrong = 0
    print("| planted | must fail | seen |\n|---|---|---|")
    clean = set()
    for what, group, trials, plant in plants(seed):
        if group not in clean:
            clean.add(group)
            if failed_groups(trials, program, folder, Plant()):
                print(f"| nothing | nothing | FAILED: {group} |")
                wrong += 1
        seen = group in failed_groups(trials, program, folder, plant)
        wrong += not seen
        print(f"| {what} | {group} | {'yes' if seen else 'NO'} |", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
