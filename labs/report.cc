#include "labs/report.h"

#include <algorithm>
#include <cstdio>

#include "core/base/printable.h"
#include "core/base/shell_word.h"
#include "core/trace/stats.h"
#include "core/trace/units.h"
#include "labs/check_report.h"
#include "labs/model_flags.h"
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
constexpr std::size_t kMostStages = 16;  // whose layers are listed one by one

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

Json stages_json(const std::vector<StageTime>& times) {
  Json stages = Json::list();
  for (const StageTime& stage : times)
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

std::string padded(const std::string& s, std::size_t width) {
  return s.size() >= width ? s : s + std::string(width - s.size(), ' ');
}
std::string right(const std::string& s, std::size_t width) {
  return s.size() >= width ? s : std::string(width - s.size(), ' ') + s;
}

// "llama", where the lab has families.
std::string family_name(const LabOptions& o) {
  return o.toggles.count("family") == 0 ? "" : name_of(family_of(o));
}

// "8 micro-batches; layers 5 4 4 3 + head"; of many stages "layers 12 x 5, 3 x 6, 2 + head".
std::string stages_text(const LabResult& r) {
  const std::vector<int>& layers = r.stage_layers;
  const char* batches = r.microbatches == 1 ? " micro-batch; " : " micro-batches; ";
  std::string out = (r.microbatches > 0 ? text(r.microbatches, batches) : "") + "layers";
  const bool is_short = layers.size() <= kMostStages;
  for (std::size_t i = 0; i < layers.size();) {
    std::size_t end = i + 1;
    while (!is_short && end < layers.size() && layers[end] == layers[i]) ++end;
    out +=
        text(is_short || i == 0 ? " " : ", ", end - i > 1 ? text(end - i, " x ") : "", layers[i]);
    i = end;
  }
  return out + " + head";
}

// The same rows as in `trace stats`, a step of them.
std::string communication_table(const TraceStats& stats, int steps) {
  if (stats.collectives.empty()) return "(no communication)\n";
  std::string out = pad("a rank and step", -24) + pad("calls", 8) + pad("payload", 14) +
                    pad("wire bytes", 14) + pad("busy", 14) + pad("busbw", 14) + "\n";
  for (const CollectiveStats& row : stats.collectives)
    out += pad(printable(row.group + " " + name_of(row.kind), 24), -24) +
           pad(format("%.4g%s", static_cast<double>(row.calls) / steps, ""), 8) +
           pad(bytes_text(static_cast<double>(row.bytes) / steps), 14) +
           pad(bytes_text(row.wire_bytes / steps), 14) + pad(time_text(row.busy_ns / steps), 14) +
           pad(row.busy_ns > 0 ? bandwidth_text(row.busbw_bytes_per_s()) : "-", 14) + "\n";
  return out;
}

}  // namespace

std::vector<CommCount> most_communication(const LabResult& r) {
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

std::string clock_of(const LabResult& r) {
  return r.report.trace.clock == "modelled" ? "modelled on " + printable(r.options.hardware)
                                            : "measured here";
}

std::int64_t step_ns(const LabResult& r) { return r.report.trace.wall_ns / r.steps; }

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
  for (const CommCount& c : most_communication(r))
    comm.push_back({{"group", c.group},
                    {"kind", name_of(c.kind)},
                    {"calls", c.calls},
                    {"bytes_per_rank", c.bytes},
                    {"wire_bytes_per_rank", c.wire_bytes}});
  Json tables = Json::list();
  for (const LabTable& t : r.tables) tables.push_back(table_json(t));
  const LabOptions& o = r.options;
  const std::string family = family_name(o);
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
      {"family", family.empty() ? Json(nullptr) : Json(family)},
      {"microbatches", r.microbatches == 0 ? Json(nullptr) : Json(r.microbatches)},
      {"stages", stages_json(stage_times(r.report.trace))},
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

std::string header_text(const LabResult& r) {
  const LabOptions& o = r.options;
  const std::string family = family_name(o);
  const LabShape& s = r.shape;
  std::string out =
      text(r.lab, "  ", o.technique, changed_toggles(r), "  tp=", o.grid.tp,
           o.grid.pp * o.grid.dp > 1 ? text("  pp=", o.grid.pp, "  dp=", o.grid.dp) : "", "  ",
           o.device, "  ", name_of(r.dtype), "\n");
  if (s.layers * s.hidden * s.seq > 1)
    out += text("shape      ", family.empty() ? "" : family + "  ", "layers ", s.layers,
                "  hidden ", s.hidden, "  ffn ", s.ffn, "  heads ", s.heads, "/", s.kv_heads,
                "  seq ", s.seq, "  batch ", s.batch, "\n");
  if (!r.stage_layers.empty()) out += text("stages     ", stages_text(r), "\n");
  out +=
      text("step       ", time_text(step_ns(r)), " (", clock_of(r), ", mean of ", r.steps, ")\n");
  if (!r.loss.empty())
    out += text("loss       ", format("%.4f%s", r.loss.front(), ""), " -> ",
                format("%.4f%s", r.loss.back(), ""), " in ", r.loss.size(), " steps\n");
  return out + check_text(r);
}

std::string to_text(const LabResult& r) { return header_text(r) + "\n" + figures_text(r, ""); }

std::string figures_text(const LabResult& r, const std::string& ranks) {
  const Trace& trace = r.report.trace;
  const TraceStats stats = statistics(trace);
  std::string out = communication_table(stats, r.steps);
  for (const std::string& note : r.report.notes) out += "\nnote: " + printable(note) + "\n";
  const std::string steps = r.steps == 1 ? "the step" : text("all ", r.steps, " steps");
  const std::string clocks =
      trace.clock_error_ns == 0 ? "" : ", clocks within " + time_text(trace.clock_error_ns);
  return out +
         text("\n", steps, ", ", stats.ranks.size(), " ranks, ", time_text(stats.wall_ns), clocks,
              "\n\n") +
         rank_times_text(stats, trace, ranks) + path_text(stats);
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
  std::string out = wrapped(printable(table.title), 0) + line(table.columns);
  for (const auto& row : table.rows) out += line(row);
  return out;
}

}  // namespace shardpipe
