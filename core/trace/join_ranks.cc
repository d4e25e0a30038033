#include "core/trace/join_ranks.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "core/base/error.h"
#include "core/trace/units.h"

namespace shardpipe {
namespace {

constexpr std::int64_t kFarthestApartNs = std::int64_t{1} << 60;

struct Member {
  std::int32_t file = 0, span = 0;
};
// A collective, as each rank saw it.
using Meeting = std::vector<Member>;

class Joiner {
 public:
  Joiner(std::vector<ForeignTrace> files, std::vector<std::string>& warnings)
      : files_(std::move(files)), warnings_(warnings) {}

  Trace join() {
    order_files();
    join_groups();
    find_meetings();
    shift_clocks();
    find_waits();
    join_spans();
    return std::move(trace_);
  }

 private:
  Span& span(const Member& m) {
    return files_[static_cast<std::size_t>(m.file)].trace.spans[static_cast<std::size_t>(m.span)];
  }

  void order_files() {
    std::set<int> numbers;
    for (const ForeignTrace& file : files_)
      if (file.rank >= 0) numbers.insert(file.rank);
    if (numbers.size() == files_.size())
      std::stable_sort(
          files_.begin(), files_.end(),
          [](const ForeignTrace& a, const ForeignTrace& b) { return a.rank < b.rank; });
    else if (!numbers.empty())
      warnings_.push_back(
          "not every file says a rank of its own: ranks are numbered in the order of the files");
    for (std::size_t f = 0; f < files_.size(); ++f) {
      ForeignTrace& file = files_[f];
      if (numbers.size() == files_.size() && file.rank != static_cast<int>(f))
        warnings_.push_back(text(file.file, ": rank ", file.rank, " is shown as rank ", f));
      shown_as_.emplace(file.rank, static_cast<int>(f));
      if (files_.size() == 1 && !file.is_pytorch) continue;  // its processes are the ranks
      int stream = 0;
      for (Lane& lane : file.trace.lanes) {
        lane.rank = static_cast<int>(f);
        lane.stream = stream++;
      }
    }
  }

  void join_groups() {
    std::unordered_map<std::string, std::int32_t> index;
    for (ForeignTrace& file : files_) {
      std::vector<std::int32_t> joined;
      for (std::size_t g = 0; g < file.trace.groups.size(); ++g) {
        const auto [at, is_new] =
            index.emplace(file.group_keys[g], static_cast<std::int32_t>(trace_.groups.size()));
        joined.push_back(at->second);
        if (!is_new) continue;
        trace_.groups.push_back(std::move(file.trace.groups[g]));
        trace_.groups.back().id = at->second;
        for (int& rank : trace_.groups.back().ranks)
          if (const auto shown = shown_as_.find(rank); shown != shown_as_.end())
            rank = shown->second;
      }
      for (Span& s : file.trace.spans)
        if (s.group >= 0) s.group = joined[static_cast<std::size_t>(s.group)];
    }
    std::vector<std::set<int>> users(trace_.groups.size());
    for (const ForeignTrace& file : files_)
      for (const Span& s : file.trace.spans)
        if (s.group >= 0)
          users[static_cast<std::size_t>(s.group)].insert(
              file.trace.lanes[static_cast<std::size_t>(s.lane)].rank);
    for (std::size_t g = 0; g < users.size(); ++g)
      if (trace_.groups[g].ranks.empty())
        trace_.groups[g].ranks.assign(users[g].begin(), users[g].end());
  }

  // Equal in (group, kind, "Seq", place among those equal in all three on its rank).
  void find_meetings() {
    std::map<std::tuple<std::int32_t, OpKind, std::int64_t, std::int64_t>, Meeting> meetings;
    for (std::size_t f = 0; f < files_.size(); ++f) {
      Trace& trace = files_[f].trace;
      std::vector<std::int32_t> order;  // of collectives, in time
      for (std::size_t i = 0; i < trace.spans.size(); ++i) {
        const Span& s = trace.spans[i];
        if (is_communication(s.kind) && s.kind != OpKind::exchange && s.group >= 0)
          order.push_back(static_cast<std::int32_t>(i));
      }
      const auto at = [&](std::int32_t i) -> Span& {
        return trace.spans[static_cast<std::size_t>(i)];
      };
      std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
        return at(a).posted_ns < at(b).posted_ns;
      });
      std::map<std::tuple<int, std::int32_t, OpKind, std::int64_t>, std::int64_t> counts;
      for (const std::int32_t i : order) {
        Span& s = at(i);
        const int rank = trace.lanes[static_cast<std::size_t>(s.lane)].rank;
        const std::int64_t place = counts[{rank, s.group, s.kind, s.sequence}]++;
        meetings[{s.group, s.kind, s.sequence, place}].push_back({static_cast<std::int32_t>(f), i});
        if (s.sequence < 0) s.sequence = place;
      }
    }
    for (auto& [key, meeting] : meetings)
      if (meeting.size() > 1) meetings_.push_back(std::move(meeting));
  }

  // Places the files one after the other, each time that which shares most with those placed.
  void shift_clocks() {
    for (ForeignTrace& file : files_) {
      const std::int64_t apart_ns = file.origin_ns - files_[0].origin_ns;
      if (apart_ns > kFarthestApartNs || apart_ns < -kFarthestApartNs)
        usage_error(
            text(file.file, ": its times lie more than 36 years from those of ", files_[0].file));
      begins_.push_back(apart_ns);
    }
    std::vector<bool> is_placed(files_.size());
    is_placed[0] = true;
    for (std::size_t placed = 1; placed < files_.size(); ++placed) {
      std::vector<std::vector<std::int64_t>> differences = differences_to(is_placed);
      const auto best =
          std::max_element(differences.begin(), differences.end(),
                           [](const auto& a, const auto& b) { return a.size() < b.size(); });
      const auto file = static_cast<std::size_t>(best - differences.begin());
      if (best->empty()) {
        warnings_.push_back("some ranks share no collective: their clocks are taken as they are");
        return;
      }
      is_placed[file] = true;
      const std::int64_t shift_ns = percentile(*best, 0.5);
      for (std::int64_t& difference : *best) difference = std::abs(difference - shift_ns);
      begins_[file] += shift_ns;
      if (std::abs(begins_[file]) > 2 * kFarthestApartNs)
        usage_error(
            text(files_[file].file, ": its collectives cannot be those of the other files"));
      trace_.clock_error_ns = std::max(trace_.clock_error_ns, percentile(*best, 0.9));
    }
    if (files_.size() > 1)
      warnings_.push_back(text("clocks of ", files_.size(), " ranks are joined by ",
                               meetings_.size(), " collectives, to within ",
                               time_text(trace_.clock_error_ns)));
  }

  static std::int64_t percentile(std::vector<std::int64_t>& values, double share) {
    const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return values[static_cast<std::size_t>(at)];
  }

  std::int64_t end_ns(const Member& m) {
    return begins_[static_cast<std::size_t>(m.file)] + span(m).end_ns;
  }

  // By file that is not placed: how much later its collectives ended with those that are.
  std::vector<std::vector<std::int64_t>> differences_to(const std::vector<bool>& is_placed) {
    std::vector<std::vector<std::int64_t>> differences(files_.size());
    const auto placed = [&](const Member& m) {
      return is_placed[static_cast<std::size_t>(m.file)];
    };
    for (const Meeting& meeting : meetings_) {
      const auto first = std::find_if(meeting.begin(), meeting.end(), placed);
      if (first == meeting.end()) continue;
      for (const Member& m : meeting)
        if (!placed(m))
          differences[static_cast<std::size_t>(m.file)].push_back(end_ns(*first) - end_ns(m));
    }
    return differences;
  }

  void find_waits() {
    const auto posted = [&](const Member& m) {
      return begins_[static_cast<std::size_t>(m.file)] + span(m).posted_ns;
    };
    for (const Meeting& meeting : meetings_) {
      const Member last = *std::max_element(
          meeting.begin(), meeting.end(),
          [&](const Member& a, const Member& b) { return posted(a) < posted(b); });
      for (const Member& m : meeting) {
        const std::int64_t wait_ns = posted(last) - posted(m);
        Span& s = span(m);
        if (wait_ns <= trace_.clock_error_ns) continue;
        s.ready_ns = s.posted_ns + std::min(wait_ns, s.end_ns - s.posted_ns);
        s.waits_for = files_[static_cast<std::size_t>(last.file)]
                          .trace.lanes[static_cast<std::size_t>(span(last).lane)]
                          .rank;
      }
    }
  }

  void join_spans() {
    const std::int64_t first_ns = *std::min_element(begins_.begin(), begins_.end());
    std::unordered_map<std::string, std::int32_t> names;
    for (std::size_t f = 0; f < files_.size(); ++f) {
      Trace& from = files_[f].trace;
      const std::int64_t shift_ns = begins_[f] - first_ns;
      const auto first_lane = static_cast<std::int32_t>(trace_.lanes.size());
      std::vector<std::int32_t> joined;
      for (std::string& name : from.names) {
        const auto [at, is_new] = names.emplace(name, static_cast<std::int32_t>(names.size()));
        joined.push_back(at->second);
        if (is_new) trace_.names.push_back(std::move(name));
      }
      trace_.lanes.insert(trace_.lanes.end(), from.lanes.begin(), from.lanes.end());
      for (Span& s : from.spans) {
        s.lane += first_lane;
        s.name = joined[static_cast<std::size_t>(s.name)];
        s.posted_ns += shift_ns;
        s.ready_ns += shift_ns;
        s.end_ns += shift_ns;
      }
      trace_.spans.insert(trace_.spans.end(), from.spans.begin(), from.spans.end());
      trace_.wall_ns = std::max(trace_.wall_ns, from.wall_ns + shift_ns);
      from = {};
    }
  }

  std::vector<ForeignTrace> files_;
  std::vector<std::string>& warnings_;
  Trace trace_;
  std::map<int, int> shown_as_;  // the rank that a file says, as it is shown
  std::vector<Meeting> meetings_;
  std::vector<std::int64_t> begins_;  // by file, on the clock of the first
};

}  // namespace

Trace join_ranks(std::vector<ForeignTrace> files, std::vector<std::string>& warnings) {
  return Joiner(std::move(files), warnings).join();
}

}  // namespace shardpipe
