#include "labs/run_on.h"

#include <algorithm>
#include <optional>

#include "core/base/shell_word.h"
#include "core/base/terminal.h"
#include "core/cost/hardware.h"
#include "core/cost/roofline.h"
#include "core/trace/chrome_json.h"
#include "labs/report.h"

namespace shardpipe {
namespace {

constexpr int kMaxCpuRanks = 64;  // threads of one process

void refuse_more_ranks(const char* flag, const std::string& profile, double ranks) {
  const int most = load_hardware(profile).max_ranks();
  if (ranks > most) usage_error(text(flag, " ", profile, " has ", most, " ranks, not ", ranks));
}

// On cpu and mpi: measured, over the links of a profile if one is named.
RunReport run_here(const LabOptions& o, RunOptions options, const RankProgram& program) {
  std::optional<RooflineModel> links;
  if (!o.link.empty()) links.emplace(load_hardware(o.link));
  if (links) options.links = &*links;
  RunReport report =
      o.device == "cpu" ? run_on_cpu(options, program) : run_on_mpi(options, program);
  if (links)
    report.notes.push_back(text("ranks talked no faster than over the links of ", o.link,
                                ": what is slower than that is this machine's"));
  return report;
}

// On modelled: says so if the machine could not hold what the ranks hold.
RunReport run_on_machine(const LabOptions& o, const RunOptions& options,
                         const RankProgram& program) {
  const Hardware machine = load_hardware(o.hardware);
  RunReport report = run_modelled(options, RooflineModel(machine), program);
  report.trace.hardware = o.hardware;
  const auto most = std::max_element(
      report.ranks.begin(), report.ranks.end(),
      [](const RankReport& a, const RankReport& b) { return a.peak_bytes < b.peak_bytes; });
  const double peak = static_cast<double>(most->peak_bytes);
  if (peak > machine.memory_bytes)
    report.notes.push_back(text("rank ", most - report.ranks.begin(), " holds ", human_bytes(peak),
                                ", a rank of ", o.hardware, " has ",
                                human_bytes(machine.memory_bytes), ": it would not fit"));
  return report;
}

RunReport run_with(const LabOptions& o, const RunOptions& options, const RankProgram& program) {
  if (computes_here(o.device)) return run_here(o, options, program);
  if (o.device == "cuda") return run_on_cuda(options, program);
  if (o.device == "modelled") return run_on_machine(o, options, program);
  usage_error(text("--device ", o.device, " is unknown (allowed: cpu, mpi, cuda, modelled)"));
}

}  // namespace

void check_options(const LabOptions& o) {
  ProcessGrid grid(o.grid, parse_order(o.order));
  const double ranks = 1.0 * o.grid.tp * o.grid.pp * o.grid.dp;  // may exceed an integer
  if (o.save && o.device == "modelled")
    usage_error("--save: --device modelled has no numbers to save (--device cpu has)");
  const auto loaded = o.toggles.find("load");
  const bool loads = loaded != o.toggles.end() && !loaded->second.empty();
  if (loads && o.device == "modelled")
    usage_error("--load: --device modelled has no numbers to load (--device cpu has)");
  if (o.weights_only && !loads) usage_error("--weights-only needs --load FILE: whose weights");
  if (o.device == "cpu" && ranks > kMaxCpuRanks)
    usage_error(text("--device cpu runs up to ", kMaxCpuRanks, " ranks, not ", ranks,
                     " (more: --device modelled)"));
  if (o.device == "modelled") refuse_more_ranks("--hardware", o.hardware, ranks);
  if (o.is_live && !o.trace) usage_error("--live needs --trace FILE: what it writes");
  if (o.is_live && o.device != "cpu")
    usage_error(text("--live is for --device cpu, not ", o.device));
  if (o.link.empty()) return;
  if (!computes_here(o.device))
    usage_error(text("--link is for --device cpu and mpi, not ", o.device,
                     o.device == "modelled" ? " (its links are those of --hardware)" : ""));
  refuse_more_ranks("--link", o.link, ranks);
}

RunReport run_on(const LabOptions& o, const RankProgram& program) {
  RunOptions options{.grid = o.grid, .order = parse_order(o.order), .time_limit_s = o.time_limit_s};
  bool is_saved = false;
  if (o.trace)
    options.on_failure = [&](Trace trace) {
      if (o.device == "modelled") trace.hardware = o.hardware;
      write_chrome_json(trace, *o.trace);
      is_saved = true;
      if (o.device == "mpi")  // its sentence has been printed, and the process ends
        say("its last picture: ./lab view " + shell_file(o.trace->name()));
    };
  if (o.is_live)
    options.on_progress = [&](const Trace& trace) { write_chrome_json(trace, *o.trace); };
  try {
    return run_with(o, options, program);
  } catch (const Error& e) {
    if (!is_saved) throw;
    throw e.with(text(e.what(), "; its last picture: ./lab view ", shell_file(o.trace->name())));
  }
}

void start_ranks(const LabOptions& o) {
  if (o.device == "mpi") start_mpi(o.grid.ranks(), o.time_limit_s);
}

bool computes_here(const std::string& device) { return device == "cpu" || device == "mpi"; }

DType dtype_on(const std::string& device) {
  return device == "modelled" ? DType::bf16 : DType::f32;
}

}  // namespace shardpipe
