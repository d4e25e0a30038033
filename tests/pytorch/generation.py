"""Greedy tokens against Hugging Face's generate(), and the reference of the other groups against
its models."""
import random

import torch

import hugging_face
import reference
import weights
from cases import FAMILIES, draw_grid, draw_model
from measure import Measure, difference, ranks_of

CLEAR_LEAD = 1e-3  # between the two most likely tokens: no rounding turns them round
REFERENCE_BOUND = {"gpt2": 1e-12, "llama": 1e-5}  # Llama's norms and angles are float32 there


class Generation:
    group = "greedy tokens"

    def __init__(self, number, seed):
        r = random.Random(f"{number} {seed}")
        self.number, self.family = number, FAMILIES[number % 2]
        key_values = ("one for each head",) if self.family == "gpt2" else (  # it has no other
            "one for each head", "grouped", "fewer than ranks")
        key_value = key_values[number // 2 % len(key_values)]
        self.grid = draw_grid(r, (2, 4) if key_value == "fewer than ranks" else (1, 2, 3, 4), dp_choices=(1,))
        style = r.choice(("plain", "plain", "naive"))
        self.model = draw_model(r, self.family, style, key_value, self.grid["tp"], self.grid["pp"])
        self.new, prompt = r.randint(4, 10), r.randint(2, 6)
        self.model["sequence"] = prompt + self.new + r.randrange(3)
        self.inference = {"groups": r.randint(1, 2 * self.grid["pp"]), "sequences": r.randint(1, 3),
                          "hide_messages": r.randrange(2), "cache": r.randrange(4) and 1}
        self.shape = (self.inference["groups"] * self.inference["sequences"], prompt)
        self.draw_clear_case(r)

    def draw_clear_case(self, r):
        for _ in range(50):
            seed = r.getrandbits(40)
            self.weights = weights.draw(self.model, seed)
            self.prompts = torch.randint(self.model["vocabulary"], self.shape,
                                         generator=torch.Generator().manual_seed(seed))
            self.wanted, lead = self.generate()
            if lead > CLEAR_LEAD:
                return
        raise RuntimeError(f"no case with a clear lead: {self}")

    def __str__(self):
        return f"case {self.number}: {self.model} {self.grid} {self.inference} {self.new} tokens"

    def generate(self):
        """Their tokens, [sequences, prompt + new], and by how much the closest was ahead."""
        theirs = hugging_face.build(self.weights, self.model)
        given = theirs.generate(self.prompts, attention_mask=torch.ones_like(self.prompts), do_sample=False,
                                max_new_tokens=self.new, output_logits=True, return_dict_in_generate=True)
        best = torch.stack(given.logits).topk(2, dim=-1).values
        return given.sequences, (best[..., 0] - best[..., 1]).min().item()

    def job(self):
        groups = self.prompts.view(self.inference["groups"], -1).tolist()
        job = {"what": "generation", "model": self.model, "grid": self.grid, "inference": self.inference,
               "prompts": groups, "new": self.new}
        return job, {"weights": self.weights}

    def judge(self, made):
        yield self.judge_tokens(made)
        yield self.judge_reference()

    def judge_tokens(self, made):
        wanted = self.wanted.view(self.inference["groups"], -1)
        last = ranks_of(self.grid) - self.grid["tp"]
        ends = [rank for rank in range(ranks_of(self.grid)) if rank < self.grid["tp"] or rank >= last]
        different = sum((made[f"{rank}/group{group}"].long() != tokens).sum().item()
                        for rank in ends for group, tokens in enumerate(wanted))
        share = different / (len(ends) * wanted.numel())
        cache = "kept" if self.inference["cache"] else "none"
        return Measure(self.group, (("family", self.family), ("cache", cache)), share, bound=0.0)

    def judge_reference(self):
        """The model whose gradients the kit is held against: its logits, by the library's own."""
        tokens = self.wanted[:, :-1]  # the last one has no position
        theirs = hugging_face.build(self.weights, self.model)(tokens, use_cache=False).logits.detach()
        mine = reference.logits({name: w.double() for name, w in self.weights.items()}, self.model, tokens)
        error = difference(mine, theirs) / theirs.abs().max().item()
        return Measure("our reference, by transformers", (("family", self.family),), error,
                       bound=REFERENCE_BOUND[self.family])
