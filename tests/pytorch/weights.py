"""The tensors of a decoder by the kit's names, and random numbers for them.

Nothing is left at a value that hides a mistake: biases are not 0, norm scales not 1.
"""
import re

import torch


def shapes(model):
    D, F, V, S = model["hidden"], model["ffn"], model["vocabulary"], model["sequence"]
    keys = D // model["heads"] * model["kv_heads"]  # features of all key heads
    gpt2 = model["family"] == "gpt2"
    all_shapes = {"embedding.weight": (V, D)}

    def linear(name, outputs, inputs):
        all_shapes[name + ".weight"] = (outputs, inputs)
        if gpt2:
            all_shapes[name + ".bias"] = (outputs,)

    def norm(name):
        all_shapes[name + ".scale"] = (D,)
        if gpt2:
            all_shapes[name + ".bias"] = (D,)

    if gpt2:
        all_shapes["positions.weight"] = (S, D)
    for layer in range(model["layers"]):
        block = f"blocks.{layer}."
        norm(block + "norm1")
        linear(block + "attention.q", D, D)
        linear(block + "attention.k", keys, D)
        linear(block + "attention.v", keys, D)
        linear(block + "attention.out", D, D)
        norm(block + "norm2")
        if not gpt2:
            linear(block + "mlp.gate", F, D)
        linear(block + "mlp.up", F, D)
        linear(block + "mlp.down", D, F)
    norm("norm")
    if not model["tied"]:
        all_shapes["head.weight"] = (V, D)
    return all_shapes


def draw(model, seed):
    """float32, as both sides start from it. Sizes keep activations and logits of order one."""
    generator = torch.Generator().manual_seed(seed)
    weights = {}
    for name, shape in shapes(model).items():
        normal = torch.randn(shape, generator=generator)
        if name.endswith(".scale"):
            weights[name] = 1 + 0.3 * normal
        elif name.endswith(".bias"):
            weights[name] = 0.2 * normal
        elif name == "positions.weight":
            weights[name] = 0.3 * normal
        else:
            weights[name] = normal * shape[1] ** -0.5
    return weights


def fused_name(name):
    """What its error is measured by. Query, key and value are one projection, and so are gate and
    up: a key bias alone has a true gradient of zero, since softmax does not see it."""
    return re.sub(r"mlp\.(gate|up)", "mlp.gate_up", re.sub(r"attention\.[qkv]\.", "attention.qkv.", name))


def largest_of_fused(tensors):
    largest = {}
    for name, tensor in tensors.items():
        key = fused_name(name)
        largest[key] = max(largest.get(key, 0.0), tensor.abs().max().item())
    return {name: largest[fused_name(name)] for name in tensors}
