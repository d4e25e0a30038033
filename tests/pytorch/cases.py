"""Draws configurations that the kit takes: by seed, and so that a few dozen have every kind."""
import random

import torch

STYLES = ("plain", "overlapped", "sequence-parallel", "sequence-overlapped", "collective-matmul", "fused", "naive")
FAMILIES = ("gpt2", "llama")
KEY_VALUE = ("one for each head", "grouped", "fewer than ranks")
SCHEDULES = ("naive", "gpipe", "1f1b", "eager_1f1b", "interleaved_1f1b", "looped_bfs", "zb_h1", "zb_h2", "zb_v",
             "v_half", "v_min", "dualpipe_v", "dualpipe")
V_SHAPES = ("zb_v", "v_half", "v_min", "dualpipe_v")
MOST_RANKS = 8


def as_float(number):
    """The kit's options are floats: both sides are given the same."""
    return torch.tensor(number, dtype=torch.float32).item()


def schedule_takes(name, p, m):
    """The rules of core/schedule/builders.cc."""
    return {
        "looped_bfs": m >= p,
        "zb_h2": m >= 2 * p - 1,
        "zb_v": m >= 2 * p - 1,
        "v_half": p == 1 or m >= p + 2,
        "v_min": p == 1 or m >= p + 2,
        "dualpipe_v": m >= 2 * p,
        "dualpipe": p % 2 == 0 and m % 2 == 0 and m >= 2 * p,
    }.get(name, True)


def draw_pipeline(r, pp):
    name = r.choice(SCHEDULES)
    microbatches = r.choice([m for m in range(1, 2 * pp + 3) if schedule_takes(name, pp, m)] or [0])
    if microbatches == 0:
        return draw_pipeline(r, pp)
    chunks = r.choice((1, 2)) if name in ("interleaved_1f1b", "looped_bfs") else 1 + (name in V_SHAPES)
    return {"schedule": name, "microbatches": microbatches, "chunks": chunks,
            "p2p": r.choice(("blocking", "one-lane", "prefetch")), "group_messages": 0, "scatter": r.randrange(2),
            "recompute": r.randrange(2), "gradient_sync": r.choice(("plain", "bucketed", "overlapped")),
            "bucket_bytes": r.choice((1, 2000, 1 << 20))}


def head_counts(key_value, tp):
    """(query heads, key/value heads) of that kind."""
    pairs = [(H, K) for H in range(tp, max(8, 2 * tp) + 1, tp) for K in range(1, H + 1) if H % K == 0]
    kinds = {
        "one for each head": lambda H, K: K == H,
        "grouped": lambda H, K: K < H and K % tp == 0,
        "fewer than ranks": lambda H, K: K < tp and tp % K == 0,
    }
    return [pair for pair in pairs if kinds[key_value](*pair)]


def draw_model(r, family, style, key_value, tp, stages):
    heads, kv_heads = r.choice(head_counts(key_value, tp))
    # A norm of very few features may divide by next to nothing.
    per_head = r.choice([C for C in ((2, 4, 6, 8) if family == "llama" else (2, 3, 4, 5, 8)) if heads * C >= 8])
    return {"family": family, "layers": stages + r.randrange(3 if stages < 4 else 2), "hidden": heads * per_head,
            "ffn": tp * r.randint(2, 5) * 2, "heads": heads, "kv_heads": kv_heads, "vocabulary": r.randint(17, 70),
            "sequence": r.choice((3, 4, 6, 9, 12)), "tied": r.randrange(2), "paired": int(style != "naive"),
            "style": style if style not in ("fused", "naive") else "plain", "pieces": r.randint(1, 4),
            "fused": int(style == "fused"), "gelu": r.choice(("tanh", "erf")),
            "rotary_theta": r.choice((10000, 500, 1000000)), "norm_epsilon": as_float(r.choice((1e-5, 1e-6, 1e-3))),
            "dtype": "f32"}


def draw_grid(r, tp_choices, pp_choices=(1, 1, 2, 2, 3, 4), dp_choices=(1, 1, 2, 2, 3)):
    tp = r.choice(tp_choices)
    pp = r.choice([n for n in pp_choices if n * tp <= MOST_RANKS])
    dp = r.choice([n for n in dp_choices if n * tp * pp <= MOST_RANKS])
    return {"tp": tp, "pp": pp, "dp": dp}


class Case:
    """One configuration for training. `number` walks through styles, families and kinds of heads."""

    def __init__(self, number, seed):
        r = random.Random(f"{number} {seed}")
        self.number, self.random = number, r
        self.seed = r.getrandbits(40)
        self.style = STYLES[number % 7]
        self.family = FAMILIES[number // 7 % 2]
        self.key_value = KEY_VALUE[number // 14 % 3]
        several = self.key_value == "fewer than ranks" or self.style not in ("plain", "fused")
        self.grid = draw_grid(r, (2, 2, 3, 4, 4, 8) if several else (1, 1, 2, 3, 4))
        self.pipeline = draw_pipeline(r, self.grid["pp"])
        stages = self.grid["pp"] * self.pipeline["chunks"]
        self.model = draw_model(r, self.family, self.style, self.key_value, self.grid["tp"], stages)
        self.choose_sequences()

    def choose_sequences(self):
        """Of a micro-batch. Where tokens are split over ranks they must divide."""
        tp = self.grid["tp"]
        splits = self.model["style"] not in ("plain", "overlapped")
        if splits:
            self.pipeline["scatter"] = 0
        self.sequences = self.random.randint(1, 3)
        if splits or self.pipeline["scatter"]:
            while self.sequences * self.model["sequence"] % tp != 0:
                self.sequences += 1

    def labels(self):
        axes = [axis for axis, size in self.grid.items() if size > 1]
        return (("family", self.family), ("style", self.style), ("key/value heads", self.key_value),
                ("embeddings", "tied" if self.model["tied"] else "two tables"),
                ("grid", " x ".join(axes) or "one rank"), ("schedule", self.pipeline["schedule"]))

    def job(self):
        return {"model": self.model, "grid": self.grid, "pipeline": self.pipeline,
                "tokens": self.sequences * self.model["sequence"]}

    def batches(self, steps, generator):
        """Of each step all micro-batches: (tokens, targets), integers [sequences, S]."""
        shape = (self.pipeline["microbatches"] * self.grid["dp"], self.sequences, self.model["sequence"])

        def draw():
            return torch.randint(self.model["vocabulary"], shape, generator=generator)

        return [list(zip(draw(), draw())) for _ in range(steps)]
