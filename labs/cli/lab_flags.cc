#include "labs/cli/lab_flags.h"

#include <CLI/CLI.hpp>
#include <sstream>

#include "core/launch/processes.h"
#include "labs/answers.h"
#include "labs/harness.h"

namespace shardpipe {
namespace {

void add_shape(CLI::App& app, ShapeFlags& s) {
  app.add_option("--layers", s.layers, "transformer blocks")->group("Shape");
  app.add_option("--hidden", s.hidden, "features D")->group("Shape");
  app.add_option("--ffn", s.ffn, "features F inside the MLP")->group("Shape");
  app.add_option("--heads", s.heads, "attention heads")->group("Shape");
  app.add_option("--kv-heads", s.kv_heads, "key/value heads (default: as many as heads)")
      ->group("Shape");
  app.add_option("--vocab", s.vocab, "vocabulary")->group("Shape");
  app.add_option("--seq", s.seq, "positions of a sequence")->group("Shape");
  app.add_option("--batch", s.batch, "sequences of a step")->group("Shape");
}

void add_machine(CLI::App& app, LabOptions& o) {
  app.add_option("--device", o.device, "cpu, mpi, cuda or modelled (under mpirun: mpi)")
      ->check(CLI::IsMember({"cpu", "mpi", "cuda", "modelled"}))
      ->capture_default_str();
  app.add_option("--hardware", o.hardware, "profile of --device modelled, or a .json file")
      ->capture_default_str();
  app.add_option("--link", o.link,
                 "cpu and mpi: ranks talk no faster than over the links of this profile or .json");
  app.add_option("--tp", o.grid.tp, "tensor-parallel ranks")->capture_default_str();
  app.add_option("--ranks", o.grid.tp, "the same as --tp")->group("");
  app.add_option("--order", o.order, "axes of the grid, innermost first")->capture_default_str();
  app.add_option("--time-limit", o.time_limit_s, "seconds without any progress, then the run ends")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

void add_stages(CLI::App& app, LabOptions& o) {
  app.add_option("--pp", o.grid.pp, "pipeline ranks")->capture_default_str();
}

void add_pipeline(CLI::App& app, LabOptions& o) {
  add_stages(app, o);
  app.add_option("--dp", o.grid.dp, "data-parallel ranks")->capture_default_str();
  app.add_option("--microbatches", o.shape.microbatches, "micro-batches m of a data-parallel rank")
      ->check(CLI::Range(1, 1 << 16));
}

// Ranks of mpi are the processes that mpirun started; those of other devices are in one process.
void check_processes(const LabOptions& o, const std::string& command, const Processes& processes) {
  const int ranks = o.grid.ranks();
  const std::string started =
      processes.several() ? text(processes.launcher, " started ", processes.size, " processes")
                          : "there is one process";
  if (o.device == "mpi" && processes.size != ranks)
    usage_error(text("--device mpi takes one process for each of ", ranks, " ranks, and ", started,
                     ": ", processes.command(ranks), " ./build/", command));
  if (o.device == "mpi" && !processes.can_meet)
    usage_error(text("srun started ", processes.size,
                     " processes without PMIx, by which they find each other: ",
                     processes.command(ranks), " ./build/", command));
  if (o.device != "mpi" && processes.several())
    usage_error(text("--device ", o.device, " runs in one process, and ", started, ": leave out ",
                     processes.launcher, ", or --device"));
}

// "": a technique that is an answer of the learner; which, and whether it fits, is asked later.
std::string is_mine(const std::string& technique) {
  const bool is = technique == "mine" || technique.rfind("mine:", 0) == 0;
  return is ? "" : technique + " is not one of them";
}

std::string joined(const std::string& begin, const std::vector<std::string>& words) {
  std::string line = begin;
  for (const std::string& word : words) line += " " + word;
  return line;
}

}  // namespace

LabCommand parse_lab_flags(const Lab& lab, const std::vector<std::string>& arguments) {
  LabCommand command;
  LabOptions& o = command.options;
  CLI::App app(lab.name + ": " + lab.summary, "lab run " + lab.name);
  app.get_formatter()->column_width(34);
  const Processes processes = started_processes();
  if (processes.several()) o.device = "mpi";
  o.technique = lab.technique;
  o.grid = lab.grid;
  app.add_option("--technique", o.technique, "the plain way or an optimised one; mine: yours")
      ->check(CLI::IsMember(lab.techniques) | CLI::Validator(is_mine, "mine"))
      ->capture_default_str();
  for (const Toggle& t : lab.toggles) {
    std::string& value = o.toggles[t.name];
    value = t.default_value;
    auto* option = app.add_option("--" + t.name, value, t.help)->group("Toggles");
    if (!t.values.empty()) option->check(CLI::IsMember(t.values));
    if (!t.default_value.empty()) option->capture_default_str();
  }
  add_machine(app, o);
  if (lab.has_pipeline) add_pipeline(app, o);
  if (lab.has_stages) add_stages(app, o);
  add_shape(app, o.shape);
  app.add_option("--steps", o.steps, "steps that are measured")->check(CLI::Range(1, 1'000'000));
  app.add_option("--seed", o.seed, "of weights and data")->capture_default_str();
  app.add_option("--trace", o.trace_file, "write a Chrome/Perfetto trace to this file");
  app.add_flag("--live", o.is_live, "write --trace again every second (lab view --follow)");
  app.add_flag("--json", command.json, "one JSON document on stdout");
  app.footer("Example: ./lab run " + lab.name + " " + lab.example);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants them
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    command.help = true;
    command.help_text = app.help();
    return command;
  } catch (const CLI::ExtrasError&) {
    usage_error(text("lab run ", lab.name, " does not take ", app.remaining().front(),
                     " (see ./lab run ", lab.name, " --help)"));
  } catch (const CLI::ParseError& e) {
    std::string what = e.what();
    for (char& c : what)
      if (c == '\n') c = ' ';
    usage_error(text(what, " (see ./lab run ", lab.name, " --help)"));
  }
  o.answer = answer_of_technique(o.technique, lab.name);
  check_options(o);
  check_processes(o, joined("lab run " + lab.name, arguments), processes);
  return command;
}

std::vector<std::string> split_words(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

}  // namespace shardpipe
