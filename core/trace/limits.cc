#include "core/trace/limits.h"

#include "core/base/error.h"

namespace shardpipe {

std::string shortened(const std::string& words, std::size_t most) {
  constexpr const char* kCut = "...";
  if (words.size() <= most) return words;
  std::size_t end = most - std::string_view(kCut).size();
  const auto continues = [&](std::size_t i) { return (words[i] & 0xC0) == 0x80; };
  while (end > 0 && continues(end)) --end;
  return words.substr(0, end) + kCut;
}

void refuse_what_cannot_be_added(const Trace& trace, const std::string& file) {
  constexpr double kMostNs = 4e18;  // below 2^62
  const double ranks_ns = static_cast<double>(trace.wall_ns) * trace.ranks();
  if (ranks_ns > kMostNs)
    usage_error(text(file, ": ", trace.ranks(), " ranks of ", trace.wall_ns,
                     " ns each cannot be added; at most ", kMostNs, " ns"));
  double spans_ns = 0;
  for (const Span& span : trace.spans)
    spans_ns += static_cast<double>(span.end_ns) - static_cast<double>(span.posted_ns);
  if (spans_ns > kMostNs)
    usage_error(text(file, ": its operations last ", spans_ns,
                     " ns together, which cannot be added; at most ", kMostNs, " ns"));
}

}  // namespace shardpipe
