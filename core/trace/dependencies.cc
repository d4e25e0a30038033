#include "core/trace/dependencies.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "core/trace/producers.h"

namespace shardpipe {
namespace {

// Each is a bound on what one span may cost (dependencies.h).
constexpr std::size_t kMostStreams = 64, kMostPartners = 512;

class Reader {
 public:
  explicit Reader(const Trace& trace) : trace_(trace) {}

  const Span& at(std::int32_t i) const { return trace_.spans[static_cast<std::size_t>(i)]; }
  int rank_of(const Span& s) const { return trace_.lanes[static_cast<std::size_t>(s.lane)].rank; }
  std::int32_t size() const { return static_cast<std::int32_t>(trace_.spans.size()); }

 private:
  const Trace& trace_;
};

// The spans of each stream by their ends. Of two that end at once one of no length comes after the
// other, and after those before it in the trace: so that no two are each the other's cause.
class Ends {
 public:
  explicit Ends(const Trace& trace) : read_(trace), lanes_(trace.lanes.size()) {
    for (std::int32_t i = 0; i < read_.size(); ++i)
      lanes_[static_cast<std::size_t>(read_.at(i).lane)].push_back(i);
    for (auto& lane : lanes_)
      std::sort(lane.begin(), lane.end(),
                [this](std::int32_t a, std::int32_t b) { return key(a) < key(b); });
  }

  // The last span of the stream that had ended when `span` was posted; -1 if there is none.
  std::int32_t last_before(std::size_t lane, std::int32_t span) const {
    const Key limit = {read_.at(span).posted_ns, span};
    const auto past = std::partition_point(lanes_[lane].begin(), lanes_[lane].end(),
                                           [&](std::int32_t i) { return key(i) < limit; });
    return past == lanes_[lane].begin() ? -1 : *(past - 1);
  }

 private:
  using Key = std::pair<std::int64_t, std::int32_t>;
  Key key(std::int32_t i) const {
    const Span& s = read_.at(i);
    return {s.end_ns, s.posted_ns == s.end_ns ? i : -1};
  }

  Reader read_;
  std::vector<std::vector<std::int32_t>> lanes_;
};

// Of ranks with very many streams the spans of all of them by their ends, to find those that ended
// last without asking every stream.
class EndsOfRank {
 public:
  EndsOfRank(const Trace& trace, const std::vector<std::size_t>& first_lane)
      : read_(trace), ranks_(first_lane.size() - 1) {
    for (std::int32_t i = 0; i < read_.size(); ++i) {
      const auto rank = static_cast<std::size_t>(read_.rank_of(read_.at(i)));
      if (first_lane[rank + 1] - first_lane[rank] > kMostStreams) ranks_[rank].push_back(i);
    }
    for (auto& spans : ranks_)
      std::stable_sort(spans.begin(), spans.end(), [this](std::int32_t a, std::int32_t b) {
        return read_.at(a).end_ns < read_.at(b).end_ns;
      });
  }

  // The streams whose spans were the last to end before `span` was posted.
  std::set<std::size_t> lanes_before(std::size_t rank, const Span& span) const {
    const std::vector<std::int32_t>& spans = ranks_[rank];
    auto at = std::partition_point(spans.begin(), spans.end(), [&](std::int32_t i) {
      return read_.at(i).end_ns <= span.posted_ns;
    });
    std::set<std::size_t> lanes = {static_cast<std::size_t>(span.lane)};
    for (std::size_t seen = 0; at != spans.begin() && seen < 2 * kMostStreams; ++seen)
      if (lanes.insert(static_cast<std::size_t>(read_.at(*--at).lane)).second &&
          lanes.size() == kMostStreams)
        break;
    return lanes;
  }

 private:
  Reader read_;
  std::vector<std::vector<std::int32_t>> ranks_;  // empty: of few streams
};

// First lane of each rank, and one more: lanes are ordered by rank.
std::vector<std::size_t> first_lanes(const Trace& trace) {
  std::vector<std::size_t> first(static_cast<std::size_t>(trace.ranks()) + 1, trace.lanes.size());
  for (std::size_t l = trace.lanes.size(); l-- > 0;)
    first[static_cast<std::size_t>(trace.lanes[l].rank)] = l;
  for (std::size_t r = first.size() - 1; r-- > 0;) first[r] = std::min(first[r], first[r + 1]);
  return first;
}

bool has_exchanges(const Trace& trace) {
  return std::any_of(trace.spans.begin(), trace.spans.end(),
                     [](const Span& s) { return s.kind == OpKind::exchange; });
}

// Producers of cells, where messages are not recorded themselves.
class Messages {
 public:
  explicit Messages(const Trace& trace) : read_(trace), producers_(trace) {
    if (has_exchanges(trace)) return;
    is_needed_ = true;
    std::int64_t least_ns = std::numeric_limits<std::int64_t>::max();
    for (std::int32_t i = 0; i < read_.size(); ++i)
      if (const std::int32_t p = producer(i); p >= 0 && crosses(p, i))
        least_ns = std::min(least_ns, read_.at(i).posted_ns - read_.at(p).end_ns);
    latency_ns_ = least_ns;
  }

  void add_cause(std::int32_t i, std::vector<Cause>& causes) const {
    if (!is_needed_) return;
    if (const std::int32_t p = producer(i); p >= 0)
      causes.push_back({p, crosses(p, i) ? latency_ns_ : 0, Cause::What::certain});
  }

 private:
  std::int32_t producer(std::int32_t i) const {
    const std::int32_t p = producers_.producer_of(read_.at(i));
    return p >= 0 && read_.at(p).end_ns <= read_.at(i).posted_ns ? p : -1;
  }
  bool crosses(std::int32_t a, std::int32_t b) const {
    return read_.rank_of(read_.at(a)) != read_.rank_of(read_.at(b));
  }

  Reader read_;
  Producers producers_;
  bool is_needed_ = false;
  std::int64_t latency_ns_ = 0;
};

// In the order of the trace.
void keep_last_to_come(const Reader& read, std::vector<std::int32_t>& meeting) {
  std::stable_sort(meeting.begin(), meeting.end(), [&](std::int32_t a, std::int32_t b) {
    return read.at(a).posted_ns > read.at(b).posted_ns;
  });
  meeting.resize(kMostPartners);
  std::sort(meeting.begin(), meeting.end());
}

// Whether two exchanges of one group that got going at the same moment are the sides of one.
bool are_sides(const Reader& read, const Span& a, const Span& b) {
  const int rank_a = read.rank_of(a), rank_b = read.rank_of(b);
  if (rank_a == rank_b) return false;
  if (a.waits_for == rank_b || b.waits_for == rank_a) return true;
  return a.waits_for < 0 && b.waits_for < 0 && a.tags.step == b.tags.step &&
         a.tags.stage == b.tags.stage && a.tags.microbatch == b.tags.microbatch;
}

}  // namespace

Dependencies::Dependencies(const Trace& trace) : trace_(trace) {
  find_causes();
  find_partners();
  find_order();
}

void Dependencies::find_causes() {
  const Reader read(trace_);
  const Ends ends(trace_);
  const Messages messages(trace_);
  const std::vector<std::size_t> first_lane = first_lanes(trace_);
  const EndsOfRank ends_of_rank(trace_, first_lane);
  for (std::int32_t i = 0; i < read.size(); ++i) {
    const Span& s = read.at(i);
    const auto rank = static_cast<std::size_t>(read.rank_of(s));
    const std::size_t first = causes_.size();
    first_cause_.push_back(first);
    std::int64_t latest_ns = -1, own_ns = -1;  // ends of all causes, of that in its own stream
    const auto add_last_of = [&](std::size_t lane) {
      const std::int32_t before = ends.last_before(lane, i);
      if (before < 0) return;
      const bool is_own = lane == static_cast<std::size_t>(s.lane);
      causes_.push_back({before, 0, is_own ? Cause::What::certain : Cause::What::possible});
      latest_ns = std::max(latest_ns, read.at(before).end_ns);
      if (is_own) own_ns = read.at(before).end_ns;
    };
    if (first_lane[rank + 1] - first_lane[rank] > kMostStreams)
      for (const std::size_t lane : ends_of_rank.lanes_before(rank, s)) add_last_of(lane);
    else
      for (std::size_t lane = first_lane[rank]; lane < first_lane[rank + 1]; ++lane)
        add_last_of(lane);
    for (std::size_t c = first; c < causes_.size(); ++c)
      if (read.at(causes_[c].span).end_ns == latest_ns && latest_ns > own_ns)
        causes_[c].what = Cause::What::one_of_these;
    messages.add_cause(i, causes_);
  }
  first_cause_.push_back(causes_.size());
}

void Dependencies::find_partners() {
  const Reader read(trace_);
  // Collectives by (group, sequence), exchanges by (group, moment they are ready).
  using Key = std::tuple<std::int32_t, bool, std::int64_t>;
  const auto key_of = [](const Span& s) {
    const bool is_exchange = s.kind == OpKind::exchange;
    return Key{s.group, is_exchange, is_exchange ? s.ready_ns : s.sequence};
  };
  std::map<Key, std::vector<std::int32_t>> meetings;
  for (std::int32_t i = 0; i < read.size(); ++i)
    if (is_communication(read.at(i).kind) && read.at(i).group >= 0)
      meetings[key_of(read.at(i))].push_back(i);
  for (auto& [key, meeting] : meetings)
    if (meeting.size() > kMostPartners) keep_last_to_come(read, meeting);
  for (std::int32_t i = 0; i < read.size(); ++i) {
    first_partner_.push_back(partners_.size());
    const Span& s = read.at(i);
    if (!is_communication(s.kind) || s.group < 0) continue;
    for (const std::int32_t j : meetings[key_of(s)]) {
      const Span& other = read.at(j);
      const bool has_met =
          s.kind == OpKind::exchange ? are_sides(read, s, other) : s.sequence >= 0 && i != j;
      // One that came after this one went on was not waited for.
      if (has_met && other.posted_ns <= s.ready_ns) partners_.push_back(j);
    }
  }
  first_partner_.push_back(partners_.size());
}

// Depth first, without recursion: a moment is placed when all that it depends on have been. Spans
// of no length may seem to wait for each other in a circle; where one would close, it is left open.
void Dependencies::find_order() {
  const std::size_t moments = 2 * trace_.spans.size();
  std::vector<char> is_open(moments, 0), is_placed(moments, 0);
  std::vector<std::int32_t> stack;  // 2 * span, and 1 more for its end
  const auto push = [&](std::int32_t moment) {
    if (is_open[static_cast<std::size_t>(moment)] == 0) stack.push_back(moment);
  };
  for (std::size_t root = 0; root < moments; ++root) {
    push(static_cast<std::int32_t>(root));
    while (!stack.empty()) {
      const std::int32_t moment = stack.back(), span = moment / 2;
      const auto m = static_cast<std::size_t>(moment);
      if (is_open[m] == 0) {
        is_open[m] = 1;
        if (moment % 2 == 0) {
          for (const Cause& cause : causes(span)) push(2 * cause.span + 1);
        } else {
          for (const std::int32_t partner : partners(span)) push(2 * partner);
          push(2 * span);
        }
        continue;
      }
      stack.pop_back();
      if (is_placed[m] != 0) continue;
      is_placed[m] = 1;
      order_.push_back({span, moment % 2 == 1});
    }
  }
}

}  // namespace shardpipe
