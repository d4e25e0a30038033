#include "labs/report.h"

#include <algorithm>
#include <cstdio>

#include "core/base/printable.h"
#include "core/base/shell_word.h"
#include "core/trace/stats.h"
#include "labs/check_report.h"
#include "labs/quantity.h"
#include "labs/stage_times.h"

namespace shardpipe {
namespace {

std::string format(const char* pattern, double value, const char* unit) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, pattern, value, unit);
  return buffer;
}

constexpr double kNs = 1e-9;

// Calls and bytes of one axis and kind: the maximum over ranks.
std::vector<CommCount> communication(const LabResult& r) {
  std::vector<CommCount> all;
  for (const RankReport& rank : r.report.ranks)
    for (const CommCount& c : rank.communication) {
      auto it = std::find_if(all.begin(), all.end(), [&](const CommCount& x) {
        return x.group == c.group && x.kind == c.kind;
      });
      if (it == all.end()) {
        all.push_back(c);
        continue;
      }
      it->calls = std::max(it->calls, c.calls);
      it->bytes = std::max(it->bytes, c.bytes);
      it->wire_bytes = std::max(it->wire_bytes, c.wire_bytes);
    }
  return all;
}

// "  --style overlapped": the lab's own flags that do not have their default.
std::string changed_toggles(const LabResult& r) {
  std::string words;
  for (const Toggle& t : find_lab(r.lab).toggles) {
    const auto given = r.options.toggles.find(t.name);
    if (given != r.options.toggles.end() && given->second != t.default_value)
      words += text("  --", t.name, " ", shell_word(given->second));
  }
  return words;
}

Json shape_json(const LabShape& s) {
  return {{"layers", s.layers},     {"hidden", s.hidden}, {"ffn", s.ffn}, {"heads", s.heads},
          {"kv_heads", s.kv_heads}, {"vocab", s.vocab},   {"seq", s.seq}, {"batch", s.batch}};
}

// Beside the text of each cell its numbers, in seconds, bytes and fractions.
Json table_json(const LabTable& table) {
  Json numbers = Json::list();
  for (const auto& row : table.rows) {
    Json cells = Json::list();
    for (const std::string& cell : row) cells.push_back(numbers_of_cell(cell));
    numbers.push_back(cells);
  }
  return {{"title", table.title},
          {"columns", table.columns},
          {"rows", table.rows},
          {"numbers", numbers}};
}

Json stages_json(const StageTimes& times) {
  Json stages = Json::list();
  for (const StageTime& stage : times.stages)
    stages.push_back({{"layers", stage.layers},
                      {"forward_s", stage.forward_s},
                      {"backward_s", stage.backward_s},
                      {"input_gradient_s", stage.input_gradient_s},
                      {"weight_gradient_s", stage.weight_gradient_s}});
  return stages;
}

Json rank_json(const LabResult& r, std::size_t rank, const RankTime& stats) {
  const ProcessGrid grid(r.options.grid, parse_order(r.options.order));
  const GridCoord c = grid.coord_of(static_cast<int>(rank));
  return {{"rank", rank},
          {"coord", {{"tp", c.tp}, {"pp", c.pp}, {"dp", c.dp}}},
          {"compute_s", static_cast<double>(stats.compute_ns) * kNs},
          {"exposed_comm_s", static_cast<double>(stats.exposed_comm_ns) * kNs},
          {"overlapped_comm_s", static_cast<double>(stats.overlapped_comm_ns) * kNs},
          {"idle_s", static_cast<double>(stats.idle_ns) * kNs},
          {"peak_bytes", r.report.ranks[rank].peak_bytes},
          {"peak_in_flight", r.peak_in_flight.empty() ? 1 : r.peak_in_flight[rank]}};
}

// One line per figure: its name, both sides, the ratio b / a.
struct Row {
  std::string name;
  double a, b;
  std::string (*print)(double);
};

std::string print_count(double n) { return format("%.0f%s", n, ""); }

std::vector<Row> figures(const LabResult& a, const LabResult& b) {
  auto sum = [](const LabResult& r, std::int64_t RankTime::*field) {
    const TraceStats stats = statistics(r.report.trace);
    std::int64_t worst = 0;
    for (const RankTime& rank : stats.ranks) worst = std::max(worst, rank.*field);
    return static_cast<double>(worst) * kNs / r.steps;
  };
  auto total = [](const LabResult& r, std::int64_t CommCount::*field) {
    double n = 0;
    for (const CommCount& c : communication(r)) n += static_cast<double>(c.*field);
    return n / r.steps;
  };
  auto peak = [](const LabResult& r) {
    std::int64_t bytes = 0;
    for (const RankReport& rank : r.report.ranks) bytes = std::max(bytes, rank.peak_bytes);
    return static_cast<double>(bytes);
  };
  auto step = [](const LabResult& r) {
    return static_cast<double>(r.report.trace.wall_ns) * kNs / r.steps;
  };
  return {{"step time", step(a), step(b), human_time},
          {"compute (slowest rank)", sum(a, &RankTime::compute_ns), sum(b, &RankTime::compute_ns),
           human_time},
          {"exposed communication", sum(a, &RankTime::exposed_comm_ns),
           sum(b, &RankTime::exposed_comm_ns), human_time},
          {"overlapped communication", sum(a, &RankTime::overlapped_comm_ns),
           sum(b, &RankTime::overlapped_comm_ns), human_time},
          {"idle", sum(a, &RankTime::idle_ns), sum(b, &RankTime::idle_ns), human_time},
          {"collective calls a step", total(a, &CommCount::calls), total(b, &CommCount::calls),
           print_count},
          {"payload bytes a step", total(a, &CommCount::bytes), total(b, &CommCount::bytes),
           human_bytes},
          {"wire bytes a rank and step", total(a, &CommCount::wire_bytes),
           total(b, &CommCount::wire_bytes), human_bytes},
          {"peak memory a rank", peak(a), peak(b), human_bytes}};
}

std::string padded(const std::string& s, std::size_t width) {
  return s.size() >= width ? s : s + std::string(width - s.size(), ' ');
}
std::string right(const std::string& s, std::size_t width) {
  return s.size() >= width ? s : std::string(width - s.size(), ' ') + s;
}

std::string clock_of(const LabResult& r) {
  return r.report.trace.clock == "modelled" ? "modelled on " + printable(r.options.hardware)
                                            : "measured here";
}

}  // namespace

std::string human_time(double s) {
  if (s >= 1) return format("%.2f %s", s, "s");
  if (s >= 1e-3) return format("%.2f %s", s * 1e3, "ms");
  return format("%.1f %s", s * 1e6, "us");
}

std::string human_bytes(double b) {
  if (b >= 1024.0 * 1024 * 1024) return format("%.2f %s", b / (1024.0 * 1024 * 1024), "GiB");
  if (b >= 1024.0 * 1024) return format("%.2f %s", b / (1024.0 * 1024), "MiB");
  if (b >= 1024) return format("%.1f %s", b / 1024, "KiB");
  return format("%.0f %s", b, "B");
}

Json to_json(const LabResult& r) {
  const double wall_s = static_cast<double>(r.report.trace.wall_ns) * kNs;
  const TraceStats stats = statistics(r.report.trace);
  Json ranks = Json::list(), comm = Json::list();
  for (std::size_t i = 0; i < r.report.ranks.size(); ++i)
    ranks.push_back(rank_json(r, i, stats.ranks.at(i)));
  for (const CommCount& c : communication(r))
    comm.push_back({{"group", c.group},
                    {"kind", name_of(c.kind)},
                    {"calls", c.calls},
                    {"bytes_per_rank", c.bytes},
                    {"wire_bytes_per_rank", c.wire_bytes}});
  Json tables = Json::list();
  for (const LabTable& t : r.tables) tables.push_back(table_json(t));
  const StageTimes times = stage_times(r.report.trace);
  const LabOptions& o = r.options;
  const auto family = o.toggles.find("family");
  Json toggles = Json::object();
  for (const auto& [name, value] : o.toggles) toggles.set(name, value);
  return {
      {"lab", r.lab},
      {"technique", o.technique},
      {"toggles", toggles},
      {"device", o.device},
      {"hardware", o.device == "modelled" ? Json(o.hardware) : Json(nullptr)},
      {"link", o.link.empty() ? Json(nullptr) : Json(o.link)},
      {"clock", r.report.trace.clock},
      {"grid", {{"tp", o.grid.tp}, {"pp", o.grid.pp}, {"dp", o.grid.dp}, {"order", o.order}}},
      {"wall_s", wall_s},
      {"step_s", wall_s / r.steps},
      {"steps", r.steps},
      {"tokens_per_s", wall_s > 0 ? static_cast<double>(r.shape.tokens() * r.steps) / wall_s : 0.0},
      {"shape", shape_json(r.shape)},
      {"family", family == o.toggles.end() ? Json(nullptr) : Json(family->second)},
      {"microbatches", times.stages.empty() ? Json(nullptr) : Json(times.microbatches)},
      {"stages", stages_json(times)},
      {"dtype", name_of(r.dtype)},
      {"seed", o.seed},
      {"ranks", ranks},
      {"communication", comm},
      {"loss", r.loss},
      {"check", r.check ? check_json(*r.check) : Json()},
      {"tables", tables},
      {"notes", r.report.notes},
      {"save", o.save ? Json(o.save->name()) : Json(nullptr)},
      {"trace", o.trace ? Json(o.trace->name()) : Json(nullptr)}};
}

Json compare_json(const LabResult& a, const LabResult& b) {
  Json difference = Json::object();
  for (const Row& row : figures(a, b)) {
    std::string key = row.name;
    std::replace(key.begin(), key.end(), ' ', '_');
    difference.set(key, row.b - row.a);
  }
  return {{"a", to_json(a)}, {"b", to_json(b)}, {"difference", difference}};
}

std::string to_text(const LabResult& r) {
  const LabOptions& o = r.options;
  const LabShape& s = r.shape;
  std::string out =
      text(r.lab, "  ", o.technique, changed_toggles(r), "  tp=", o.grid.tp,
           o.grid.pp * o.grid.dp > 1 ? text("  pp=", o.grid.pp, "  dp=", o.grid.dp) : "", "  ",
           o.device, "  ", name_of(r.dtype), "\n");
  if (s.layers * s.hidden * s.seq > 1)
    out += text("shape      layers ", s.layers, "  hidden ", s.hidden, "  ffn ", s.ffn, "  heads ",
                s.heads, "/", s.kv_heads, "  seq ", s.seq, "  batch ", s.batch, "\n");
  out +=
      text("step       ", human_time(static_cast<double>(r.report.trace.wall_ns) * kNs / r.steps),
           " (", clock_of(r), ", mean of ", r.steps, ")\n");
  if (!r.loss.empty())
    out += text("loss       ", format("%.4f%s", r.loss.front(), ""), " -> ",
                format("%.4f%s", r.loss.back(), ""), " in ", r.loss.size(), " steps\n");
  out += check_text(r);
  out += "\nper step                  calls      payload   sent by a rank\n";
  for (const CommCount& c : communication(r))
    out += text(padded(text(c.group, " ", name_of(c.kind)), 22),
                right(format("%.4g%s", static_cast<double>(c.calls) / r.steps, ""), 9),
                right(human_bytes(static_cast<double>(c.bytes) / r.steps), 13),
                right(human_bytes(static_cast<double>(c.wire_bytes) / r.steps), 17), "\n");
  if (communication(r).empty()) out += "(no communication)\n";
  for (const std::string& note : r.report.notes) out += "\nnote: " + printable(note) + "\n";
  return out + "\n" + to_text(statistics(r.report.trace), r.report.trace);
}

std::string to_text(const LabTable& table) {
  std::vector<std::size_t> widths;
  for (const std::string& column : table.columns) widths.push_back(column.size());
  for (const auto& row : table.rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  auto line = [&](const std::vector<std::string>& cells) {
    std::string out;
    for (std::size_t i = 0; i < cells.size(); ++i)
      out += i == 0 ? padded(cells[i], widths[i]) : "  " + right(cells[i], widths[i]);
    return out + "\n";
  };
  std::string out = printable(table.title) + "\n" + line(table.columns);
  for (const auto& row : table.rows) out += line(row);
  return out;
}

std::string compare_text(const LabResult& a, const LabResult& b) {
  std::string out = text(padded("", 28), right("a", 14), right("b", 14), right("b / a", 10), "\n");
  for (const Row& row : figures(a, b))
    out += text(padded(row.name, 28), right(row.print(row.a), 14), right(row.print(row.b), 14),
                right(row.a > 0 ? format("%.2fx%s", row.b / row.a, "") : "-", 10), "\n");
  return out + text("\na: ", clock_of(a), "; b: ", clock_of(b), "\n");
}

}  // namespace shardpipe
