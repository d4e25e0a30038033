// The two printed forms of TraceStats: JSON for scripts, tables for people.
#include <algorithm>
#include <map>

#include "core/base/error.h"
#include "core/trace/rank_rows.h"
#include "core/trace/stats.h"
#include "core/trace/units.h"

namespace shardpipe {
namespace {

constexpr std::size_t kMostLines = 10;  // of a table that could grow without end
constexpr int kNameWidth = 50;

double seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }

Json causes_json(const std::vector<IdleCause>& causes) {
  Json list = Json::list();
  for (const IdleCause& cause : causes)
    list.push_back({{"cause", cause.cause}, {"s", seconds(cause.ns)}});
  return list;
}

Json rank_json(int rank, const RankTime& time) {
  return {{"rank", rank},
          {"compute_s", seconds(time.compute_ns)},
          {"exposed_comm_s", seconds(time.exposed_comm_ns)},
          {"overlapped_comm_s", seconds(time.overlapped_comm_ns)},
          {"idle_s", seconds(time.idle_ns)},
          {"idle_causes", causes_json(time.idle_causes)}};
}

// "  812.0 us  65.8 %"
std::string share(std::int64_t part_ns, std::int64_t whole_ns) {
  return pad(time_text(part_ns), 11) + pad(percent_text(part_ns, whole_ns), 8);
}

std::string rank_line(const std::string& label, const RankTime& time, std::int64_t wall_ns) {
  return label + share(time.compute_ns, wall_ns) + share(time.exposed_comm_ns, wall_ns) +
         share(time.overlapped_comm_ns, wall_ns) + share(time.idle_ns, wall_ns) + "\n";
}

std::string ranks_table(const TraceStats& stats, const RankRows& shown) {
  const int width = std::max(6, label_width(shown.rows));
  std::string out = pad("", width) + pad("compute", 19) + pad("exposed comm", 19) +
                    pad("overlapped comm", 19) + pad("idle", 19) + "\n";
  for (const RankRow& row : shown.rows)
    out += rank_line(pad(label_of(row), -width), stats.ranks[static_cast<std::size_t>(row.front())],
                     stats.wall_ns);
  const std::int64_t num_ranks = static_cast<std::int64_t>(stats.ranks.size());
  return out + left_out_line(shown) +
         rank_line(pad("all", -width), stats.total, num_ranks * stats.wall_ns);
}

// The same as those of stats, with ranks that do the same taken together; the longest first.
std::vector<IdleCause> causes_by_row(const std::vector<IdleCause>& causes,
                                     const std::vector<RankRow>& alike, int num_ranks) {
  std::vector<std::size_t> row_of(static_cast<std::size_t>(num_ranks));
  for (std::size_t row = 0; row < alike.size(); ++row)
    for (const int rank : alike[row]) row_of[static_cast<std::size_t>(rank)] = row;
  std::map<std::size_t, std::int64_t> waits_ns;
  std::vector<IdleCause> merged;
  for (const IdleCause& cause : causes) {
    if (cause.rank >= 0 && cause.rank < num_ranks)
      waits_ns[row_of[static_cast<std::size_t>(cause.rank)]] += cause.ns;
    else
      merged.push_back(cause);
  }
  for (const auto& [row, ns] : waits_ns)
    merged.push_back({"waits for " + label_of(alike[row]), alike[row].front(), ns});
  std::stable_sort(merged.begin(), merged.end(),
                   [](const IdleCause& a, const IdleCause& b) { return a.ns > b.ns; });
  return merged;
}

std::string causes_table(const TraceStats& stats, const Trace& trace) {
  if (stats.total.idle_causes.empty()) return {};
  const int num_ranks = static_cast<int>(stats.ranks.size());
  const auto causes = causes_by_row(stats.total.idle_causes, alike_ranks(trace), num_ranks);
  std::string out = "\nidle, by cause, over all ranks\n";
  std::int64_t others_ns = 0;
  for (std::size_t i = 0; i < causes.size(); ++i) {
    if (i < kMostLines)
      out +=
          "  " + pad(causes[i].cause, -32) + share(causes[i].ns, num_ranks * stats.wall_ns) + "\n";
    else
      others_ns += causes[i].ns;
  }
  if (causes.size() > kMostLines)
    out += "  " + pad(text("and ", causes.size() - kMostLines, " other causes"), -32) +
           share(others_ns, num_ranks * stats.wall_ns) + "\n";
  return out;
}

std::string collectives_table(const TraceStats& stats) {
  if (stats.collectives.empty()) return {};
  std::string out = "\n" + pad("communication", -24) + pad("calls", 8) + pad("bytes", 14) +
                    pad("busy", 14) + pad("algbw", 14) + pad("busbw", 14) + "\n";
  for (const CollectiveStats& row : stats.collectives) {
    const bool has_rate = row.busy_ns > 0;
    out += "  " + pad(printable(row.group + " " + name_of(row.kind), 22), -22) +
           pad(text(row.calls), 8) + pad(bytes_text(static_cast<double>(row.bytes)), 14) +
           pad(time_text(row.busy_ns), 14) +
           pad(has_rate ? bandwidth_text(row.algbw_bytes_per_s()) : "-", 14) +
           pad(has_rate ? bandwidth_text(row.busbw_bytes_per_s()) : "-", 14) + "\n";
  }
  return out;
}

}  // namespace

// The path may have a million steps: its time by name, largest first.
std::string path_text(const TraceStats& stats) {
  if (stats.critical_path.empty()) return {};
  std::map<std::string, std::int64_t> by_name;
  std::int64_t busy_ns = 0;
  for (const PathStep& step : stats.critical_path) {
    by_name[step.name] += step.end_ns - step.begin_ns;
    busy_ns += step.end_ns - step.begin_ns;
  }
  std::vector<std::pair<std::string, std::int64_t>> rows(by_name.begin(), by_name.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string out = text("\ncritical path: ", stats.critical_path.size(), " spans, ",
                         time_text(busy_ns), " busy\n");
  for (std::size_t i = 0; i < rows.size() && i < kMostLines; ++i)
    out += "  " + pad(printable(rows[i].first, kNameWidth), -kNameWidth) +
           share(rows[i].second, stats.wall_ns) + "\n";
  if (rows.size() > kMostLines) out += text("  and ", rows.size() - kMostLines, " other names\n");
  return out;
}

std::string rank_times_text(const TraceStats& stats, const Trace& trace, const std::string& ranks) {
  return ranks_table(stats, rank_rows(trace, ranks)) + causes_table(stats, trace);
}

Json to_json(const TraceStats& stats, const Trace& trace) {
  Json ranks = Json::list();
  for (std::size_t rank = 0; rank < stats.ranks.size(); ++rank)
    ranks.push_back(rank_json(static_cast<int>(rank), stats.ranks[rank]));
  Json collectives = Json::list();
  for (const CollectiveStats& row : stats.collectives) {
    const bool has_rate = row.busy_ns > 0;
    collectives.push_back(
        {{"group", row.group},
         {"kind", name_of(row.kind)},
         {"calls", row.calls},
         {"bytes", row.bytes},
         {"busy_s", seconds(row.busy_ns)},
         {"algbw_bytes_per_s", has_rate ? Json(row.algbw_bytes_per_s()) : Json()},
         {"busbw_bytes_per_s", has_rate ? Json(row.busbw_bytes_per_s()) : Json()}});
  }
  Json path = Json::list();
  for (const PathStep& step : stats.critical_path)
    path.push_back({{"rank", step.rank},
                    {"name", step.name},
                    {"begin_s", seconds(step.begin_ns)},
                    {"end_s", seconds(step.end_ns)}});
  return {{"clock", trace.clock},
          {"hardware", trace.hardware},
          {"wall_s", seconds(stats.wall_ns)},
          {"ranks", ranks},
          {"collectives", collectives},
          {"critical_path", path},
          {"idle_causes", causes_json(stats.total.idle_causes)}};
}

std::string to_text(const TraceStats& stats, const Trace& trace, const std::string& ranks) {
  const std::string hardware =
      trace.hardware.empty() ? "" : " on " + printable(trace.hardware, kNameWidth);
  const std::string clocks =
      trace.clock_error_ns == 0 ? "" : ", clocks within " + time_text(trace.clock_error_ns);
  return text(trace.clock, hardware, ", ", stats.ranks.size(), " ranks, ", time_text(stats.wall_ns),
              clocks, "\n\n") +
         rank_times_text(stats, trace, ranks) + collectives_table(stats) + path_text(stats);
}

}  // namespace shardpipe
