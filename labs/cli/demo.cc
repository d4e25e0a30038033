// lab demo: the main job of the kit in one go. A small language model is trained on real text with
// tensor parallelism, naive and paired, on 1, 2 and 4 ranks of this machine, then with tensor times
// pipeline parallelism; models of real size are timed on a modelled 8xH100; timelines are drawn.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <numeric>

#include "core/base/flags.h"
#include "core/base/shell_word.h"
#include "core/base/terminal.h"
#include "core/launch/processes.h"
#include "core/trace/chrome_json.h"
#include "core/trace/terminal_timeline.h"
#include "labs/cli/agreement.h"
#include "labs/cli/demo_pipeline.h"
#include "labs/cli/lab_flags.h"
#include "labs/cli/verbs.h"
#include "labs/report.h"

namespace shardpipe {
namespace {

// Large enough that a step is work and not overhead, small enough for two cores.
constexpr const char* kShape = "--layers 4 --hidden 256 --ffn 1024 --heads 8 --seq 128 --batch 4 ";
constexpr const char* kLearningRate = "--learning-rate 0.001 ";  // what hybrid-train takes, too

struct Entry {
  int tp;
  std::string technique;
  LabResult train;
  LabResult block;  // modelled, real size
};

// One step of a trace, as a trace of its own.
Trace one_step(const Trace& all, int step) {
  Trace one = all;
  one.spans.clear();
  std::int64_t begin = all.wall_ns, end = 0;
  for (const Span& s : all.spans)
    if (s.tags.step == step) {
      begin = std::min(begin, s.posted_ns);
      end = std::max(end, s.end_ns);
      one.spans.push_back(s);
    }
  for (Span& s : one.spans) {
    s.posted_ns -= begin;
    s.ready_ns -= begin;
    s.end_ns -= begin;
  }
  one.wall_ns = end - begin;
  return one;
}

double step_s(const LabResult& r) {
  return static_cast<double>(r.report.trace.wall_ns) * 1e-9 / r.steps;
}

std::string communication_of(const LabResult& r) {
  std::int64_t calls = 0, bytes = 0;
  for (const CommCount& c : r.report.ranks[0].communication) {
    calls += c.calls;
    bytes += c.bytes;
  }
  char line[64];
  std::snprintf(line, sizeof line, "%6.0f %12s", static_cast<double>(calls) / r.steps,
                human_bytes(static_cast<double>(bytes) / r.steps).c_str());
  return line;
}

// Means of ten steps: a step sees few bytes, so single losses jump.
void print_losses(const std::vector<Entry>& entries, int steps) {
  print("\nmean loss of steps ");
  for (const Entry& e : entries) print("  tp=%d %-7s", e.tp, e.tp == 1 ? "" : e.technique.c_str());
  print("\n");
  for (int first = 0; first < steps; first += 10) {
    const int last = std::min(first + 10, steps);
    print("%13d..%-4d", first, last - 1);
    for (const Entry& e : entries)
      print("  %-12.6f",
            std::accumulate(e.train.loss.begin() + first, e.train.loss.begin() + last, 0.0) /
                (last - first));
    print("\n");
  }
}

void print_table(const std::vector<Entry>& entries, const LabShape& block) {
  print(
      "\n                 collectives a step      step time   | one block, D=%lld F=%lld T=%lld "
      "bf16\n",
      static_cast<long long>(block.hidden), static_cast<long long>(block.ffn),
      static_cast<long long>(block.tokens()));
  print(
      "grid              calls      payload     measured   |  calls      payload     modelled "
      "8xH100\n");
  for (const Entry& e : entries) {
    print("tp=%d %-10s %s %12s   | %s %12s\n", e.tp, e.tp == 1 ? "" : e.technique.c_str(),
          communication_of(e.train).c_str(), human_time(step_s(e.train)).c_str(),
          communication_of(e.block).c_str(), human_time(step_s(e.block)).c_str());
  }
}

void draw(const char* title, const Trace& naive, const Trace& paired) {
  std::cout << "\n"
            << title << "\n"
            << draw_pair("naive", naive, "paired", paired, {.colour = colour_wanted()});
}

// Before anything runs: a folder that cannot be written is refused.
void make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) usage_error(text("--out ", folder, ": cannot be made (", error.message(), ")"));
  OutputFile(folder + "/report.html").open();
}

void save(const std::vector<Entry>& entries, const std::string& folder) {
  for (const Entry& e : entries) {
    const std::string name = text(folder, "/tp", e.tp, "-", e.technique);
    write_chrome_json(e.train.report.trace, name + "-train-measured.json");
    write_chrome_json(e.block.report.trace, name + "-block-modelled.json");
  }
}

// Pairs that show what a technique changes.
int write_report(const std::string& folder, const std::string& file) {
  Arguments words = {"--title", "What the demo measured and modelled", "--out", file, "--hardware",
                     "laptop"};
  for (const auto& [a, b] : {std::pair("tp2-naive-train-measured", "tp2-paired-train-measured"),
                             {"tp4-naive-block-modelled", "tp4-paired-block-modelled"},
                             {"pp-naive-modelled", "pp-1f1b-modelled"}})
    words.insert(words.end(),
                 {"--pair", text(folder, "/", a, ".json"), text(folder, "/", b, ".json")});
  return verb_report(words);
}

}  // namespace

LabResult run_flags(const std::string& lab, const std::string& flags) {
  const Lab& l = find_lab(lab);
  return l.run(parse_lab_flags(l, split_words(flags)).options);
}

int verb_demo(const Arguments& arguments) {
  const Processes processes = started_processes();
  if (!processes.doubt.empty()) usage_error(processes.doubt);
  if (processes.several())
    usage_error("lab demo runs its ranks as threads of one process: start it without mpirun");
  std::string out = ".lab/demo";
  int steps = 31;
  Flags flags("lab demo", "Trains a small language model on 1, 2 and 4 ranks, naive and paired.");
  flags.add("--out", out, "folder for the traces").shows_default();
  flags.add("--steps", steps, "training steps").between(2, 10000).shows_default();
  flags.example("Example: ./lab demo --out traces");
  if (!flags.parse(arguments)) return 0;
  find_report();
  make_folder(out);
  std::vector<Entry> entries;
  for (const auto& [tp, technique] : std::vector<std::pair<int, std::string>>{
           {1, "paired"}, {2, "naive"}, {2, "paired"}, {4, "naive"}, {4, "paired"}}) {
    const std::string words = text("--tp ", tp, " --technique ", technique, " ");
    const bool measures_bound = entries.size() == 1;  // which is that of all
    say_bare(text("training on this machine: tp=", tp, tp == 1 ? "" : " " + technique, " ..."));
    entries.push_back(
        {tp, technique,
         run_flags("tp-train", text(words, kShape, kLearningRate, "--steps ", steps,
                                    measures_bound ? "" : " --no-check")),
         run_flags("tp-block", words + "--device modelled --family llama --steps 1")});
  }
  const LabShape& s = entries[0].train.shape;
  print(
      "\nA byte-level GPT-2 (%lld layers, D=%lld, %lld heads), %lld x %lld bytes of text a step\n",
      static_cast<long long>(s.layers), static_cast<long long>(s.hidden),
      static_cast<long long>(s.heads), static_cast<long long>(s.batch),
      static_cast<long long>(s.seq));
  print_losses(entries, steps);
  std::vector<const LabResult*> runs;
  for (const Entry& e : entries) runs.push_back(&e.train);
  const std::vector<double>& bounds = entries[1].train.check->loss_bounds;
  int code = print_agreement(runs, entries[0].train.loss, bounds);
  print_table(entries, entries[0].block.shape);
  const Trace &naive = entries[1].train.report.trace, &paired = entries[2].train.report.trace;
  draw("measured here: the last training step, tp=2", one_step(naive, steps - 1),
       one_step(paired, steps - 1));
  draw("modelled on 8xH100: one block forward and backward, tp=4", entries[3].block.report.trace,
       entries[4].block.report.trace);
  code = std::max(code, demo_pipelines(entries[0].train.loss, bounds, kShape, out));
  save(entries, out);
  const std::string report = out + "/report.html";
  code = std::max(code, write_report(out, report));
  print("\nreport: %s (open it in a browser)\n", shell_file(report).c_str());
  print("traces: %s/*.json (./lab view FILE, or drop one on ui.perfetto.dev)\n",
        shell_file(out).c_str());
  print(
      "next:   ./lab compare tp-mlp --a \"--technique naive --tp 4\" --b \"--technique paired --tp "
      "4\"\n");
  return code;
}

}  // namespace shardpipe
