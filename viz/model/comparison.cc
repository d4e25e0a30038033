#include "viz/model/comparison.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <tuple>

#include "core/base/error.h"
#include "core/trace/units.h"

namespace shardpipe::viz {
namespace {

using Key = std::tuple<int, OpKind, std::string, Phase, std::int32_t, std::int32_t, std::int32_t,
                       std::int32_t>;

Key key_of(const TimelineModel& model, const Span& s) {
  return {model.rank_of(s), s.kind,       model.name(s), s.tags.phase,
          s.tags.step,      s.tags.stage, s.tags.layer,  s.tags.microbatch};
}

// Spans that agree in all of the key, in order of time.
std::map<Key, std::vector<std::int32_t>> spans_by_key(const TimelineModel& model) {
  std::map<Key, std::vector<std::int32_t>> spans;
  for (std::size_t i = 0; i < model.trace().spans.size(); ++i)
    spans[key_of(model, model.trace().spans[i])].push_back(static_cast<std::int32_t>(i));
  for (auto& [key, list] : spans)
    std::stable_sort(list.begin(), list.end(), [&](std::int32_t x, std::int32_t y) {
      return model.span(x).ready_ns < model.span(y).ready_ns;
    });
  return spans;
}

Change change_between(std::int64_t a_ns, std::int64_t b_ns) {
  constexpr double kSame = 0.05;
  const double least = static_cast<double>(a_ns) * (1 - kSame),
               most = static_cast<double>(a_ns) * (1 + kSame);
  if (static_cast<double>(b_ns) < least) return Change::shorter;
  return static_cast<double>(b_ns) > most ? Change::longer : Change::same;
}

void match(const TimelineModel& a, const TimelineModel& b, Comparison& out) {
  const auto of_a = spans_by_key(a);
  out.changes.assign(b.trace().spans.size(), Change::only_here);
  for (const auto& [key, of_b] : spans_by_key(b)) {
    const auto found = of_a.find(key);
    for (std::size_t i = 0; found != of_a.end() && i < std::min(of_b.size(), found->second.size());
         ++i) {
      out.changes[static_cast<std::size_t>(of_b[i])] =
          change_between(a.span(found->second[i]).busy_ns(), b.span(of_b[i]).busy_ns());
      ++out.matched;
    }
  }
}

double mean(std::int64_t ns, const TimelineModel& model) {
  return static_cast<double>(ns) /
         static_cast<double>(std::max<std::size_t>(1, model.ranks().size()));
}

std::vector<Comparison::Line> operations_of(const TimelineModel& a, const TimelineModel& b) {
  std::map<std::string, Comparison::Line> lines;
  for (const Span& s : a.trace().spans) lines[a.name(s)].a_ns += mean(s.busy_ns(), a);
  for (const Span& s : b.trace().spans) lines[b.name(s)].b_ns += mean(s.busy_ns(), b);
  std::vector<Comparison::Line> sorted;
  for (auto& [name, line] : lines) {
    line.name = name;
    sorted.push_back(line);
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Comparison::Line& x, const Comparison::Line& y) {
                     return std::fabs(x.difference_ns()) > std::fabs(y.difference_ns());
                   });
  return sorted;
}

}  // namespace

Comparison compare(const TimelineModel& a, const TimelineModel& b) {
  Comparison out;
  const RankTime &ta = a.stats().total, &tb = b.stats().total;
  const auto line = [&](const char* name, std::int64_t a_ns, std::int64_t b_ns) {
    out.times.push_back({name, mean(a_ns, a), mean(b_ns, b)});
  };
  out.times.push_back(
      {"wall", static_cast<double>(a.stats().wall_ns), static_cast<double>(b.stats().wall_ns)});
  line("compute", ta.compute_ns, tb.compute_ns);
  line("exposed communication", ta.exposed_comm_ns, tb.exposed_comm_ns);
  line("hidden communication", ta.overlapped_comm_ns, tb.overlapped_comm_ns);
  out.times.back().is_cost = false;
  line("idle", ta.idle_ns, tb.idle_ns);
  out.operations = operations_of(a, b);
  match(a, b, out);
  out.shift_ns = first_steps_shift(a, b);
  return out;
}

std::int64_t first_steps_shift(const TimelineModel& a, const TimelineModel& b) {
  if (a.steps().empty() || b.steps().empty()) return 0;
  return a.steps()[0].begin_ns - b.steps()[0].begin_ns;
}

std::string verdict(const Comparison& comparison, const std::string& a, const std::string& b) {
  const Comparison::Line& wall = comparison.times[0];
  const std::string matched = text("; ", comparison.matched, " of ", comparison.changes.size(),
                                   " operations of ", b, " have their like in ", a);
  if (wall.a_ns <= 0 || wall.b_ns <= 0) return "nothing to compare" + matched;
  const bool is_faster = wall.b_ns <= wall.a_ns;
  char ratio[32];
  std::snprintf(ratio, sizeof ratio, "%.2fx",
                is_faster ? wall.a_ns / wall.b_ns : wall.b_ns / wall.a_ns);
  const auto difference = static_cast<std::int64_t>(std::fabs(wall.difference_ns()));
  return text(b, " is ", ratio, is_faster ? " faster than " : " slower than ", a, ": ",
              time_text(difference), is_faster ? " less" : " more", matched);
}

}  // namespace shardpipe::viz
