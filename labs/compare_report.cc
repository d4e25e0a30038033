#include "labs/compare_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/trace/stats.h"
#include "core/trace/units.h"
#include "labs/parts_of_step.h"
#include "labs/report.h"

namespace shardpipe {
namespace {

constexpr double kNs = 1e-9;

// One figure of both runs, a step. The key is the one in JSON.
struct Row {
  const char* key;
  const char* words;
  double a, b;
  std::string (*print)(double);
};

std::string print_count(double n) { return text(std::round(n)); }
std::string print_time(double s) { return time_text(std::llround(s * 1e9)); }
std::string print_bytes(double n) { return bytes_text(n); }

// Of each figure the most that any rank has; not of one and the same rank.
struct Most {
  double compute_s = 0, exposed_s = 0, overlapped_s = 0, idle_s = 0;
  double calls = 0, payload = 0, wire = 0;  // added up over axes and kinds
  double peak_bytes = 0;
};

Most most_of(const LabResult& r) {
  Most most;
  const double step_s = kNs / r.steps;
  for (const RankTime& rank : statistics(r.report.trace).ranks) {
    most.compute_s = std::max(most.compute_s, step_s * static_cast<double>(rank.compute_ns));
    most.exposed_s = std::max(most.exposed_s, step_s * static_cast<double>(rank.exposed_comm_ns));
    most.overlapped_s =
        std::max(most.overlapped_s, step_s * static_cast<double>(rank.overlapped_comm_ns));
    most.idle_s = std::max(most.idle_s, step_s * static_cast<double>(rank.idle_ns));
  }
  for (const CommCount& c : most_communication(r)) {
    most.calls += static_cast<double>(c.calls) / r.steps;
    most.payload += static_cast<double>(c.bytes) / r.steps;
    most.wire += static_cast<double>(c.wire_bytes) / r.steps;
  }
  for (const RankReport& rank : r.report.ranks)
    most.peak_bytes = std::max(most.peak_bytes, static_cast<double>(rank.peak_bytes));
  return most;
}

double step_s(const LabResult& r) {
  return static_cast<double>(r.report.trace.wall_ns) * kNs / r.steps;
}

std::vector<Row> figures(const LabResult& ra, const LabResult& rb) {
  const Most a = most_of(ra), b = most_of(rb);
  return {{"step_time", "step", step_s(ra), step_s(rb), print_time},
          {"compute_(slowest_rank)", "compute", a.compute_s, b.compute_s, print_time},
          {"exposed_communication", "communication, exposed", a.exposed_s, b.exposed_s, print_time},
          {"overlapped_communication", "communication, under compute", a.overlapped_s,
           b.overlapped_s, print_time},
          {"idle", "idle", a.idle_s, b.idle_s, print_time},
          {"collective_calls_a_step", "calls of collectives and messages", a.calls, b.calls,
           print_count},
          {"payload_bytes_a_step", "payload", a.payload, b.payload, print_bytes},
          {"wire_bytes_a_rank_and_step", "wire bytes", a.wire, b.wire, print_bytes},
          {"peak_memory_a_rank", "peak memory", a.peak_bytes, b.peak_bytes, print_bytes}};
}

// A part of the step, of both.
struct Part {
  const char* key;
  const char* words;
  double a_s, b_s;
};

std::vector<Part> parts(const LabResult& ra, const LabResult& rb) {
  const StepParts a = parts_of_step(ra.report.trace, ra.steps, ra.work_once),
                  b = parts_of_step(rb.report.trace, rb.steps, rb.work_once);
  return {{"compute_once_s", "compute, as one rank would", a.once_s, b.once_s},
          {"compute_again_s", "compute done again", a.again_s, b.again_s},
          {"exposed_comm_s", "communication, exposed", a.exposed_s, b.exposed_s},
          {"idle_s", "idle", a.idle_s, b.idle_s}};
}

std::string signed_time(double s) {
  if (std::abs(s) < 0.5e-9) return "0 ns";
  return (s < 0 ? "-" : "+") + print_time(std::abs(s));
}

std::string gap_table(const LabResult& a, const LabResult& b) {
  const auto line = [](const char* words, double a_s, double b_s) {
    return pad(words, -36) + pad(print_time(a_s), 14) + pad(print_time(b_s), 14) +
           pad(signed_time(b_s - a_s), 14) + "\n";
  };
  std::string out = pad("the step, mean of the ranks", -36) + pad("a", 14) + pad("b", 14) +
                    pad("b - a", 14) + "\n";
  for (const Part& part : parts(a, b)) out += line(part.words, part.a_s, part.b_s);
  return out + line("together: the step", step_s(a), step_s(b));
}

std::string most_table(const LabResult& a, const LabResult& b) {
  std::string out = pad("a step, the most that any rank has", -36) + pad("a", 14) + pad("b", 14) +
                    pad("b / a", 14) + "\n";
  for (const Row& row : figures(a, b)) {
    char ratio[32];
    std::snprintf(ratio, sizeof ratio, "%.2fx", row.b / row.a);
    out += pad(row.words, -36) + pad(row.print(row.a), 14) + pad(row.print(row.b), 14) +
           pad(row.a > 0 ? ratio : "-", 14) + "\n";
  }
  return out;
}

std::string own_tables(const char* name, const LabResult& r) {
  std::string out;
  for (const LabTable& table : r.tables)
    if (table.is_of_run) out += text("\n", name, ": ", to_text(table));
  return out;
}

}  // namespace

Json compare_json(const LabResult& a, const LabResult& b) {
  Json difference = Json::object(), gap = Json::object();
  for (const Row& row : figures(a, b)) difference.set(row.key, row.b - row.a);
  for (const Part& part : parts(a, b)) gap.set(part.key, part.b_s - part.a_s);
  return {{"a", to_json(a)}, {"b", to_json(b)}, {"difference", difference}, {"gap", gap}};
}

std::string compare_text(const LabResult& a, const LabResult& b) {
  return text("a: ", header_text(a), "\nb: ", header_text(b), "\n", gap_table(a, b), "\n",
              most_table(a, b), own_tables("a", a), own_tables("b", b));
}

}  // namespace shardpipe
