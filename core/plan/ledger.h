// Ledger: bytes by what they are for, and the worst moment. The model of memory writes into it what
// a program would allocate, in the order in which it would.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace shardpipe {

enum class Use : std::uint8_t {
  stash,    // kept from forward for backward, or from I for W
  message,  // between stages: made and not yet sent or used, or received and not yet used
  working,  // of the operation that runs
  batch,    // tokens, targets and losses
};
inline constexpr std::size_t kUses = 4;

struct BytesByUse {
  std::array<std::int64_t, kUses> by_use = {};

  std::int64_t& operator[](Use use) { return by_use[static_cast<std::size_t>(use)]; }
  std::int64_t operator[](Use use) const { return by_use[static_cast<std::size_t>(use)]; }
  std::int64_t total() const { return by_use[0] + by_use[1] + by_use[2] + by_use[3]; }
};

class Ledger {
 public:
  void make(Use use, std::int64_t bytes);
  void free(Use use, std::int64_t bytes);  // fault if there are not as many
  void move(Use from, Use to, std::int64_t bytes);
  // Made and gone again.
  void pass(Use use, std::int64_t bytes);

  const BytesByUse& live() const { return live_; }
  const BytesByUse& worst() const { return worst_; }
  std::int64_t made() const { return made_; }  // in all, also what is gone

 private:
  BytesByUse live_, worst_;
  std::int64_t made_ = 0;
};

}  // namespace shardpipe
