// Batches of bytes from a text: the tokens of a sequence are S bytes from a random place, its
// targets the bytes that follow each. The batch of a step is a function of (seed, step): the same
// for every grid.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/tensor/tensor.h"

namespace shardpipe {

struct Batch {
  std::vector<std::int32_t> tokens, targets;  // [B S]
};

class TextBatches {
 public:
  // text: at least `sequence` + 1 bytes.
  TextBatches(std::string text, Index batch, Index sequence, std::uint64_t seed);
  Batch at(int step) const;
  std::size_t bytes() const { return text_.size(); }

 private:
  std::string text_;
  Index batch_, sequence_;
  std::uint64_t seed_;
};

// The bytes of a file or a pipe, or of every .md file of a folder in order of name. Usage error if
// there is none or it cannot be read.
std::string read_text(const std::string& path, bool may_be_pipe = true);

}  // namespace shardpipe
