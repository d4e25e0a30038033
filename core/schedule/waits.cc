#include "core/schedule/waits.h"

#include "core/base/error.h"

namespace shardpipe {

std::string line_around(int rank, const std::vector<std::string>& words, std::size_t at) {
  constexpr std::size_t kBefore = 4, kAfter = 5;
  const std::size_t begin = at > kBefore ? at - kBefore : 0;
  const std::size_t end = std::min(words.size(), at + kAfter);
  std::string out = text("  rank ", rank, begin > 0 ? "  .." : " ");
  for (std::size_t i = begin; i < end; ++i) out += i == at ? " [" + words[i] + "]" : " " + words[i];
  return out + (end < words.size() ? " ..\n" : "\n");
}

}  // namespace shardpipe
