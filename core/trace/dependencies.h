// What each span of a trace had to wait for, as far as the trace shows it.
//
// stream: the span of its own stream that ended before it.
// event: streams of one rank wait for each other by events, which a trace does not hold. Of each
// other stream of the rank the last span that had ended is a possible cause. If its own stream had
// been free before, one of those that ended last of all is: something let the span go.
// meeting: a collective needs its other ranks, an exchange its other side. The other side is known
// where one of the two waited for the other, or both came at once.
// cell: where no exchange is recorded (pictures of schedules), F of a stage needs F of the stage
// before, B and I need B or I of the stage behind. A message takes the least time that lies
// between two such spans of different ranks anywhere in the trace.
//
// Of a rank with more than 64 streams those are asked whose spans ended last, of a meeting of more
// than 512 the last to come: so a trace of 1e5 threads or ranks costs no more than its spans.
//
// Not known: what the host waited for, and when it would have submitted.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/trace/trace.h"

namespace shardpipe {

struct Cause {
  enum class What : std::uint8_t { certain, one_of_these, possible };
  std::int32_t span = 0;      // index into Trace::spans; it ended `delay_ns` or more before
  std::int64_t delay_ns = 0;  // of a message
  What what = What::certain;
};

class Dependencies {
 public:
  // O(n log n) for n spans. The trace must outlive this.
  explicit Dependencies(const Trace& trace);

  const Trace& trace() const { return trace_; }
  // Spans that ended before this one was posted.
  std::span<const Cause> causes(std::int32_t span) const {
    return row(causes_, first_cause_, span);
  }
  // Spans of other ranks that had to be posted before this one was ready.
  std::span<const std::int32_t> partners(std::int32_t span) const {
    return row(partners_, first_partner_, span);
  }

  // A moment of a span: when it is posted, or when it ends.
  struct Moment {
    std::int32_t span = 0;
    bool is_end = false;
  };
  // All moments, each after those it depends on.
  const std::vector<Moment>& order() const { return order_; }

 private:
  template <class T>
  static std::span<const T> row(const std::vector<T>& all, const std::vector<std::size_t>& first,
                                std::int32_t span) {
    const auto i = static_cast<std::size_t>(span);
    return std::span<const T>(all).subspan(first[i], first[i + 1] - first[i]);
  }

  void find_causes();
  void find_partners();
  void find_order();

  const Trace& trace_;
  std::vector<Cause> causes_ = {};
  std::vector<std::int32_t> partners_ = {};
  std::vector<std::size_t> first_cause_ = {}, first_partner_ = {};  // by span, and one more
  std::vector<Moment> order_ = {};
};

}  // namespace shardpipe
