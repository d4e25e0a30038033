#include "core/trace/rank_rows.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <set>
#include <tuple>
#include <unordered_map>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace shardpipe {
namespace {

constexpr std::size_t kLabelWidth = 22;
constexpr int kMostRanks = 10'000'000;

using Spans = std::vector<const Span*>;

// In the order of their lanes, which need not lie side by side.
std::vector<Spans> spans_by_rank(const Trace& trace) {
  std::vector<Spans> spans(static_cast<std::size_t>(trace.ranks()));
  for (const Span& span : trace.spans) {
    const Lane& lane = trace.lanes[static_cast<std::size_t>(span.lane)];
    spans[static_cast<std::size_t>(lane.rank)].push_back(&span);
  }
  return spans;
}

// Whom a rank works with does not count, only how: in a group of which axis and size.
bool is_alike(const Trace& trace, const Span& a, const Span& b) {
  const auto lane_of = [&](const Span& s) -> const Lane& {
    return trace.lanes[static_cast<std::size_t>(s.lane)];
  };
  const auto what = [](const Span& s) {
    return std::tuple(s.name, s.kind, s.shape, s.bytes, s.flops, s.posted_ns, s.ready_ns, s.end_ns,
                      s.group >= 0);
  };
  const auto tags = [](const Tags& t) {
    return std::tuple(t.step, t.stage, t.microbatch, t.layer, t.phase);
  };
  if (what(a) != what(b) || tags(a.tags) != tags(b.tags)) return false;
  if (lane_of(a).stream != lane_of(b).stream) return false;
  if (a.group < 0) return true;
  const Group &group_a = trace.groups[static_cast<std::size_t>(a.group)],
              &group_b = trace.groups[static_cast<std::size_t>(b.group)];
  return group_a.size() == group_b.size() && group_a.axis == group_b.axis;
}

// The same for ranks that are alike, and hardly ever for two that are not.
std::uint64_t hash_of(const Spans& spans) {
  std::uint64_t hash = spans.size();
  for (const Span* s : spans)
    for (const std::int64_t part : {s->posted_ns, s->end_ns, s->bytes, std::int64_t{s->name},
                                    std::int64_t{s->tags.microbatch}})
      hash = (hash ^ static_cast<std::uint64_t>(part)) * 0x9e3779b97f4a7c15u + (hash >> 29);
  return hash;
}

bool is_number(const std::string& word) {
  return !word.empty() && word.size() < 9 &&
         std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c); });
}

// "0-3,12", of which each range is a piece.
std::vector<std::string> ranges_of(const RankRow& ranks) {
  std::vector<std::string> pieces;
  for (std::size_t i = 0; i < ranks.size();) {
    std::size_t last = i;
    while (last + 1 < ranks.size() && ranks[last + 1] == ranks[last] + 1) ++last;
    if (last < i + 2) last = i;  // two neighbours: "3,4"
    pieces.push_back(last == i ? text(ranks[i]) : text(ranks[i], "-", ranks[last]));
    i = last + 1;
  }
  return pieces;
}

}  // namespace

std::vector<RankRow> alike_ranks(const Trace& trace) {
  const std::vector<Spans> spans = spans_by_rank(trace);
  const auto are_alike = [&](int a, int b) {
    const Spans &of_a = spans[static_cast<std::size_t>(a)],
                &of_b = spans[static_cast<std::size_t>(b)];
    return std::equal(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(),
                      [&](const Span* x, const Span* y) { return is_alike(trace, *x, *y); });
  };
  std::vector<RankRow> rows;
  std::unordered_map<std::uint64_t, std::vector<std::size_t>> rows_of_hash;
  for (int rank = 0; rank < static_cast<int>(spans.size()); ++rank) {
    std::vector<std::size_t>& candidates =
        rows_of_hash[hash_of(spans[static_cast<std::size_t>(rank)])];
    const auto known = std::find_if(candidates.begin(), candidates.end(), [&](std::size_t row) {
      return are_alike(rows[row].front(), rank);
    });
    if (known != candidates.end()) {
      rows[*known].push_back(rank);
    } else {
      candidates.push_back(rows.size());
      rows.push_back({rank});
    }
  }
  return rows;
}

std::vector<int> ranks_in_list(const std::string& list, int num_ranks) {
  const auto refuse = [&] {
    usage_error(text("--ranks ", printable(list), ": must be ranks from 0 to ", num_ranks - 1,
                     ", such as 0-3,12"));
  };
  std::set<int> ranks;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    const std::string range = list.substr(begin, end - begin);
    const std::size_t dash = range.find('-');
    const std::string first = range.substr(0, dash),
                      last = dash == std::string::npos ? first : range.substr(dash + 1);
    if (!is_number(first) || !is_number(last)) refuse();
    const int from = std::stoi(first), to = std::stoi(last);
    if (from > to || to >= num_ranks) refuse();
    for (int rank = from; rank <= to; ++rank) ranks.insert(rank);
    begin = end + 1;
  }
  return {ranks.begin(), ranks.end()};
}

RankRows rank_rows(const Trace& trace, const std::string& list) {
  RankRows shown{.rows = alike_ranks(trace)};
  if (!list.empty()) {
    const std::vector<int> wanted = ranks_in_list(list, kMostRanks);
    for (RankRow& row : shown.rows)
      std::erase_if(
          row, [&](int rank) { return !std::binary_search(wanted.begin(), wanted.end(), rank); });
    std::erase_if(shown.rows, [](const RankRow& row) { return row.empty(); });
    std::sort(shown.rows.begin(), shown.rows.end());  // their first ranks may be others now
    return shown;
  }
  while (shown.rows.size() > kMostRankRows) {
    const RankRow& last = shown.rows.back();
    shown.left_out.insert(shown.left_out.end(), last.begin(), last.end());
    shown.rows.pop_back();
  }
  std::sort(shown.left_out.begin(), shown.left_out.end());
  return shown;
}

std::string list_of(const RankRow& ranks) {
  std::string list;
  for (const std::string& range : ranges_of(ranks)) list += (list.empty() ? "" : ",") + range;
  return list;
}

std::string label_of(const RankRow& ranks) {
  if (ranks.size() == 1) return text("rank ", ranks.front());
  const std::string number = text(" (", ranks.size(), ")");
  std::string list;
  for (const std::string& range : ranges_of(ranks)) {
    const std::size_t width = std::string("ranks ,").size() + list.size() + range.size() +
                              std::string(",..").size() + number.size();
    if (!list.empty() && width > kLabelWidth) return "ranks " + list + ",.." + number;
    list += (list.empty() ? "" : ",") + range;
  }
  return "ranks " + list + number;
}

int label_width(const std::vector<RankRow>& rows) {
  std::size_t width = 0;
  for (const RankRow& row : rows) width = std::max(width, label_of(row).size());
  return static_cast<int>(width);
}

std::string left_out_line(const RankRows& rows) {
  if (rows.left_out.empty()) return "";
  return text("and ", rows.left_out.size(), " ranks more: --ranks ", list_of(rows.left_out), "\n");
}

}  // namespace shardpipe
