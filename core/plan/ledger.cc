#include "core/plan/ledger.h"

#include "core/base/error.h"

namespace shardpipe {

void Ledger::make(Use use, std::int64_t bytes) {
  live_[use] += bytes;
  made_ += bytes;
  if (live_.total() > worst_.total()) worst_ = live_;
}

void Ledger::free(Use use, std::int64_t bytes) {
  live_[use] -= bytes;
  if (live_[use] < 0)
    fail(ExitCode::fault, text("the ledger frees ", bytes, " bytes of use ", static_cast<int>(use),
                               " and then has ", live_[use]));
}

void Ledger::move(Use from, Use to, std::int64_t bytes) {
  free(from, bytes);
  live_[to] += bytes;  // no more bytes than before
}

void Ledger::pass(Use use, std::int64_t bytes) {
  make(use, bytes);
  free(use, bytes);
}

}  // namespace shardpipe
