"""The same weights in Hugging Face's GPT2LMHeadModel and LlamaForCausalLM."""
import re

import torch
import transformers

transformers.logging.set_verbosity_error()
SPECIAL = {"bos_token_id": None, "eos_token_id": None, "pad_token_id": None}  # no token ends a text

GPT2_NAMES = (("embedding.weight", "transformer.wte.weight"), ("positions.weight", "transformer.wpe.weight"),
              (r"blocks\.(\d+)\.", r"transformer.h.\1."), (r"norm([12])\.scale", r"ln_\1.weight"),
              (r"norm([12])\.bias", r"ln_\1.bias"), (r"attention\.out", "attn.c_proj"), (r"mlp\.up", "mlp.c_fc"),
              (r"mlp\.down", "mlp.c_proj"), (r"^norm\.scale", "transformer.ln_f.weight"),
              (r"^norm\.bias", "transformer.ln_f.bias"), ("head.weight", "lm_head.weight"))
LLAMA_NAMES = (("embedding.weight", "model.embed_tokens.weight"), (r"blocks\.(\d+)\.", r"model.layers.\1."),
               (r"norm1\.scale", "input_layernorm.weight"), (r"norm2\.scale", "post_attention_layernorm.weight"),
               (r"attention\.([qkv])\.", r"self_attn.\1_proj."), (r"attention\.out", "self_attn.o_proj"),
               (r"mlp\.(gate|up|down)", r"mlp.\1_proj"), (r"^norm\.scale", "model.norm.weight"),
               ("head.weight", "lm_head.weight"))


def renamed(name, names):
    for pattern, theirs in names:
        name = re.sub(pattern, theirs, name)
    return name


def gpt2_weights(weights, layers):
    """Its linears keep [inputs, outputs], and query, key and value in one."""
    state = {}
    for name, tensor in weights.items():
        if re.search(r"attention\.[qkv]\.", name):
            continue
        transposed = tensor.T if re.search(r"(out|up|down)\.weight", name) else tensor
        state[renamed(name, GPT2_NAMES)] = transposed
    for layer in range(layers):
        for what in ("weight", "bias"):
            parts = torch.cat([weights[f"blocks.{layer}.attention.{part}.{what}"] for part in "qkv"])
            state[f"transformer.h.{layer}.attn.c_attn.{what}"] = parts.T if what == "weight" else parts
    return state


def build(weights, model):
    """In float64, as far as the library goes: Llama's norms and angles are float32 in it."""
    tied = bool(model["tied"])
    if model["family"] == "gpt2":
        config = transformers.GPT2Config(
            vocab_size=model["vocabulary"], n_positions=model["sequence"], n_embd=model["hidden"],
            n_layer=model["layers"], n_head=model["heads"], n_inner=model["ffn"],
            layer_norm_epsilon=model["norm_epsilon"],
            activation_function="gelu_new" if model["gelu"] == "tanh" else "gelu", resid_pdrop=0.0, embd_pdrop=0.0,
            attn_pdrop=0.0, tie_word_embeddings=tied, attn_implementation="eager", **SPECIAL)
        theirs, state = transformers.GPT2LMHeadModel(config), gpt2_weights(weights, model["layers"])
    else:
        config = transformers.LlamaConfig(
            vocab_size=model["vocabulary"], max_position_embeddings=model["sequence"], hidden_size=model["hidden"],
            intermediate_size=model["ffn"], num_hidden_layers=model["layers"], num_attention_heads=model["heads"],
            num_key_value_heads=model["kv_heads"], rms_norm_eps=model["norm_epsilon"], tie_word_embeddings=tied,
            rope_parameters={"rope_type": "default", "rope_theta": float(model["rotary_theta"])},
            attn_implementation="eager", **SPECIAL)
        theirs = transformers.LlamaForCausalLM(config)
        state = {renamed(name, LLAMA_NAMES): tensor for name, tensor in weights.items()}
    missing, unexpected = theirs.load_state_dict(state, strict=False)
    if unexpected or set(missing) - ({"lm_head.weight"} if tied else set()):
        raise RuntimeError(f"weights that do not fit: missing {missing}, unexpected {unexpected}")
    return theirs.double().eval()
