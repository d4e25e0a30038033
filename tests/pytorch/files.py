"""Files of the safetensors package that the kit reads, and files of the kit that it reads."""
import random

import torch

import weights
from measure import Measure, ranks_of, relative_of_pieces

TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


GROUP = "safetensors"


def bits(tensor):
    return tensor.float().view(torch.int32).flatten().tolist()


def differing(made, wanted):
    """Share of the tensors that are missing, too many, or have another shape, type or bit."""
    wrong = sum(name not in made or made[name].shape != tensor.shape or made[name].dtype != torch.float32
                or bits(made[name]) != bits(tensor) for name, tensor in wanted.items())
    return (wrong + len(made.keys() - wanted.keys())) / len(wanted)


class Copies:
    """The package writes tensors of one type; the kit reads them and writes them as F32."""

    group = GROUP

    def __init__(self, number, seed):
        r = random.Random(f"{number} {seed}")
        generator = torch.Generator().manual_seed(r.getrandbits(40))
        self.number, self.dtype = number, list(TYPES)[number % 3]
        self.tensors = {}
        for i in range(r.randint(1, 12)):
            shape = [r.randint(1, 9) for _ in range(r.randint(1, 4))]
            numbers = torch.randn(shape, generator=generator) * 10.0 ** r.randint(-6, 3)
            self.tensors[f"tensor.{i}é\"\\" if i == 3 else f"tensor.{i}"] = numbers.to(TYPES[self.dtype])
        self.tensors["extremes"] = torch.tensor(
            [0.0, -0.0, torch.finfo(TYPES[self.dtype]).max, torch.finfo(TYPES[self.dtype]).tiny,
             torch.finfo(TYPES[self.dtype]).smallest_normal / 4], dtype=TYPES[self.dtype])

    def __str__(self):
        return f"case {self.number}: {len(self.tensors)} tensors of {self.dtype}"

    def job(self):
        return {"what": "copy"}, {"weights": self.tensors}

    def judge(self, made):
        yield Measure(self.group, (("copied", self.dtype),), differing(made, self.tensors), bound=0.0)


class Checkpoint:
    """The weights of a model, which a grid loads from the package's file or saves."""

    group = GROUP

    def __init__(self, case):
        self.case, self.what = case, ("loading", "saving")[case.number % 2]
        self.weights = weights.draw(case.model, case.seed)

    def __str__(self):
        return f"case {self.case.number}: {self.what} {self.case.model} {self.case.grid} {self.case.pipeline}"

    def job(self):
        return {"what": self.what, **self.case.job()}, {"weights": self.weights}

    def judge(self, made):
        if self.what == "saving":
            error = differing(made, self.weights)
        else:
            error = relative_of_pieces(made, self.weights, dict.fromkeys(self.weights, 1), ranks_of(self.case.grid))
        yield Measure(self.group, (("a grid", self.what),), error, bound=0.0)
