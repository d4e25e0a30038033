"""The decoder in PyTorch, written from the formulas of its families, for autograd to differentiate.

It shares nothing with the kit but the names of its weights. It computes in the type of the weights:
float64 to compare with, the kit's type to see what that costs PyTorch itself.
"""
import math

import torch


def norm(w, name, x, model):
    epsilon = model["norm_epsilon"]
    if model["family"] == "gpt2":
        mean = x.mean(-1, keepdim=True)
        variance = ((x - mean) ** 2).mean(-1, keepdim=True)
        return (x - mean) / torch.sqrt(variance + epsilon) * w[name + ".scale"] + w[name + ".bias"]
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + epsilon) * w[name + ".scale"]


def linear(w, name, x):
    y = x @ w[name + ".weight"].T
    return y + w[name + ".bias"] if name + ".bias" in w else y


def gelu(x, kind):
    if kind == "erf":
        return x * (1 + torch.erf(x / math.sqrt(2))) / 2
    return x / 2 * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def rotated(x, theta):
    """x [B,S,H,C]: features i and i + C/2 are a complex number, turned by position theta^(-2i/C)."""
    S, C = x.shape[1], x.shape[3]
    frequency = theta ** (-2 * torch.arange(C // 2, dtype=torch.float64) / C)
    angle = torch.arange(S, dtype=torch.float64)[:, None] * frequency
    turn = torch.polar(torch.ones_like(angle), angle)[:, None, :]
    turn = turn.to(torch.complex128 if x.dtype == torch.float64 else torch.complex64)
    wide = x if x.dtype == torch.float64 else x.float()  # there are no complex numbers of bfloat16
    turned = torch.complex(wide[..., : C // 2], wide[..., C // 2 :]) * turn
    return torch.cat((turned.real, turned.imag), -1).to(x.dtype)


def attention(w, name, x, model):
    B, S, D = x.shape
    H, K = model["heads"], model["kv_heads"]
    q = linear(w, name + ".q", x).view(B, S, H, D // H)
    k = linear(w, name + ".k", x).view(B, S, K, D // H)
    v = linear(w, name + ".v", x).view(B, S, K, D // H)
    if model["family"] == "llama":
        q, k = rotated(q, model["rotary_theta"]), rotated(k, model["rotary_theta"])
    k, v = (t.repeat_interleave(H // K, dim=2) for t in (k, v))  # query head h uses head h K / H
    scores = torch.einsum("bshc,bthc->bhst", q, k) / math.sqrt(D // H)
    later = torch.ones(S, S, dtype=torch.bool).triu(1)
    weights = torch.softmax(scores.masked_fill(later, -math.inf), -1)
    return linear(w, name + ".out", torch.einsum("bhst,bthc->bshc", weights, v).reshape(B, S, D))


def mlp(w, name, x, model):
    up = linear(w, name + ".up", x)
    if model["family"] == "gpt2":
        return linear(w, name + ".down", gelu(up, model["gelu"]))
    gate = linear(w, name + ".gate", x)
    return linear(w, name + ".down", gate * torch.sigmoid(gate) * up)


def logits(w, model, tokens):
    """tokens [B,S] -> [B,S,V]."""
    x = w["embedding.weight"][tokens]
    if model["family"] == "gpt2":
        x = x + w["positions.weight"][: tokens.shape[1]]
    for layer in range(model["layers"]):
        block = f"blocks.{layer}."
        x = x + attention(w, block + "attention", norm(w, block + "norm1", x, model), model)
        x = x + mlp(w, block + "mlp", norm(w, block + "norm2", x, model), model)
    x = norm(w, "norm", x, model)
    return x @ w["embedding.weight" if model["tied"] else "head.weight"].T


def mean_loss(w, model, tokens, targets):
    log_of_sum = torch.logsumexp(scores := logits(w, model, tokens), -1)
    return (log_of_sum - scores.gather(-1, targets[..., None])[..., 0]).mean()


def parameters(weights, dtype):
    return {name: tensor.to(dtype, copy=True).requires_grad_() for name, tensor in weights.items()}


def gradients(weights, model, tokens, targets, dtype):
    """The loss, and of every weight the gradient, by autograd."""
    w = parameters(weights, dtype)
    loss = mean_loss(w, model, tokens, targets)
    loss.backward()
    return loss.item(), {name: tensor.grad for name, tensor in w.items()}
