// Batches of bytes from a text: the tokens of a sequence are S bytes from a random place, its
// targets the bytes that follow each. A sequence is a function of the seed and of how many were
// taken before it, so the batch of a step is the same for every grid.
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
  Index sequences() const { return batch_; }  // of a step
  std::string hash() const;  // of the text, for files: "fnv1a64:...". Costs a pass over it

  // The position: sequences that were taken before step 0, and before a step. A run that resumes
  // begins where the other one stood, also with another batch.
  void begin_at(std::uint64_t sequences) { first_ = sequences; }
  std::uint64_t sequences_before(int step) const {
    return first_ + static_cast<std::uint64_t>(step) * static_cast<std::uint64_t>(batch_);
  }

 private:
  std::string text_;
  Index batch_, sequence_;
  std::uint64_t seed_;
  std::uint64_t first_ = 0;
};

// The bytes of a file or a pipe, or of every .md file of a folder in order of name. Usage error if
// there is none or it cannot be read.
std::string read_text(const std::string& path, bool may_be_pipe = true);

}  // namespace shardpipe
