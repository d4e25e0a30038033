#include "core/model/config_keys.h"

#include <array>
#include <charconv>

namespace shardpipe {
namespace {

// The shortest words for it that are for no other number.
std::string words(float number) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  return std::string(buffer.data(), end);
}

}  // namespace

// Keys are added with `if_absent`: what files meant before. None is renamed or goes.
std::vector<ConfigKey> keys_of(const DecoderConfig& c) {
  return {{"family", name_of(c.family)},
          {"layers", text(c.layers)},
          {"hidden", text(c.hidden)},
          {"ffn", text(c.ffn)},
          {"heads", text(c.heads)},
          {"kv-heads", text(c.kv_heads)},
          {"vocab", text(c.vocabulary)},
          {"seq", text(c.sequence)},
          {"tied", c.tied ? "on" : "off"},
          {"gelu", c.gelu == GeluKind::tanh ? "tanh" : "erf"},
          {"rotary-theta", words(c.rotary_theta)},
          {"norm-epsilon", words(c.norm_epsilon), words(kNormEpsilon)},
          {"dtype", name_of(c.dtype)}};
}

}  // namespace shardpipe
