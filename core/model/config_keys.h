// A DecoderConfig in words, for files: one key for everything that makes another model of the same
// weights, and nothing that only says how it is computed (twins, styles).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/model/config.h"

namespace shardpipe {

struct ConfigKey {
  std::string name = {};   // as its flag, where it has one
  std::string value = {};  // the same words, the same model
  // Of a file that does not have the key, because it was written before there was a choice.
  std::optional<std::string> if_absent = {};
};

std::vector<ConfigKey> keys_of(const DecoderConfig& config);

}  // namespace shardpipe
