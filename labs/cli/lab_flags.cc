#include "labs/cli/lab_flags.h"

#include <sstream>

#include "core/base/flags.h"
#include "core/base/shell_word.h"
#include "core/launch/processes.h"
#include "core/trace/rank_rows.h"
#include "labs/answers.h"
#include "labs/harness.h"

namespace shardpipe {
namespace {

void add_shape(Flags& flags, ShapeFlags& s) {
  const auto add = [&](const char* name, std::optional<Index>& size, const char* help) {
    flags.add(name, size, help).group("Shape");
  };
  add("--layers", s.layers, "transformer blocks");
  add("--hidden", s.hidden, "features D");
  add("--ffn", s.ffn, "features F inside the MLP");
  add("--heads", s.heads, "attention heads");
  add("--kv-heads", s.kv_heads, "key/value heads (default: as many as heads)");
  add("--vocab", s.vocab, "vocabulary");
  add("--seq", s.seq, "positions of a sequence");
  add("--batch", s.batch, "sequences of a step");
}

void add_machine(Flags& flags, LabOptions& o) {
  flags.add("--device", o.device, "cpu, mpi, cuda or modelled (under mpirun: mpi)")
      .one_of({"cpu", "mpi", "cuda", "modelled"})
      .shows_default();
  flags.add("--hardware", o.hardware, "profile of --device modelled, or a .json file")
      .shows_default();
  flags.add("--link", o.link,
            "cpu and mpi: ranks talk no faster than over the links of this profile or .json");
  flags.add("--tp", o.grid.tp, "tensor-parallel ranks").shows_default();
  flags.add("--order", o.order, "axes of the grid, innermost first").shows_default();
  flags.add("--time-limit", o.time_limit_s, "seconds without any progress, then the run ends")
      .positive()
      .shows_default();
}

void add_stages(Flags& flags, LabOptions& o) {
  flags.add("--pp", o.grid.pp, "pipeline ranks").shows_default();
}

void add_pipeline(Flags& flags, LabOptions& o) {
  add_stages(flags, o);
  flags.add("--dp", o.grid.dp, "data-parallel ranks").shows_default();
  flags.add("--microbatches", o.shape.microbatches, "micro-batches m of a data-parallel rank")
      .between(1, 1 << 16);
}

void add_checkpoints(Flags& flags, LabOptions& o, std::string& saved_file) {
  flags.add("--save", saved_file, "write the run as it is then to this safetensors file");
  flags.add_switch("--weights-only", o.weights_only,
                   "take only the weights of --load, also of another run or program");
}

// Ranks of mpi are the processes that mpirun started; those of other devices are in one process.
void check_processes(const LabOptions& o, const std::string& command, const Processes& processes) {
  const int ranks = o.grid.ranks();
  if (!processes.doubt.empty()) usage_error(processes.doubt);
  const std::string started =
      processes.several() ? text(processes.launcher, " started ", processes.size, " processes")
                          : "there is one process";
  if (o.device == "mpi" && processes.size != ranks)
    usage_error(text("--device mpi takes one process for each of ", ranks, " ranks, and ", started,
                     ": ", processes.command(ranks), " ./build/", command));
  if (o.device != "mpi" && processes.several())
    usage_error(text("--device ", o.device, " runs in one process, and ", started, ": leave out ",
                     processes.launcher, ", or --device"));
}

// An answer of the learner; which, and whether it fits, is asked later.
bool is_mine(const std::string& technique) {
  return technique == "mine" || technique.starts_with("mine:");
}

std::vector<NamedFile> files_read(const Lab& lab, const LabOptions& o) {
  std::vector<NamedFile> read;
  for (const Toggle& t : lab.toggles)
    if (t.file == FileUse::read) read.push_back({"--" + t.name, o.toggles.at(t.name)});
  for (const auto& [flag, profile] : {std::pair("--hardware", o.hardware), {"--link", o.link}})
    if (profile.ends_with(".json")) read.push_back({flag, profile});
  return read;
}

}  // namespace

LabCommand parse_lab_flags(const Lab& lab, const std::vector<std::string>& arguments) {
  LabCommand command;
  LabOptions& o = command.options;
  Flags flags("lab run " + lab.name, lab.name + ": " + lab.summary);
  const Processes processes = started_processes();
  if (processes.several()) o.device = "mpi";
  o.technique = lab.technique;
  o.grid = lab.grid;
  flags.add("--technique", o.technique, "the plain way or an optimised one; mine: yours")
      .one_of(lab.techniques, "mine", is_mine)
      .shows_default();
  for (const Toggle& t : lab.toggles) {
    std::string& value = o.toggles[t.name];
    value = t.default_value;
    Flag flag = flags.add("--" + t.name, value, t.help).group("Toggles");
    if (!t.values.empty()) flag.one_of(t.values);
    if (!t.default_value.empty()) flag.shows_default();
  }
  std::string trace_file, saved_file;
  bool no_check = false;
  add_machine(flags, o);
  if (lab.has_pipeline) add_pipeline(flags, o);
  if (lab.has_stages) add_stages(flags, o);
  add_shape(flags, o.shape);
  flags.add("--steps", o.steps, "steps that are measured").between(1, 1'000'000);
  flags.add("--seed", o.seed, "of weights and data").shows_default();
  flags.add_switch("--no-check", no_check, "do not compare with one rank");
  flags.add("--trace", trace_file, "write a Chrome/Perfetto trace to this file");
  flags.add_switch("--live", o.is_live, "write --trace again every second (lab view --follow)");
  if (lab.has_weights) add_checkpoints(flags, o, saved_file);
  flags.add("--ranks", command.ranks, kRanksHelp);
  flags.add_switch("--json", command.json, "one JSON document on stdout");
  flags.example("Example: ./lab run " + lab.name + " " + lab.example);
  command.help = !flags.parse(arguments, &command.help_text);
  if (command.help) return command;
  o.check = !no_check;
  if (!trace_file.empty()) o.trace = std::make_shared<OutputFile>(trace_file);
  if (!saved_file.empty()) o.save = std::make_shared<OutputFile>(saved_file, Durable::yes);
  command.read = files_read(lab, o);
  o.answer = answer_of_technique(o.technique, lab.name);
  check_options(o);
  if (!command.ranks.empty()) ranks_in_list(command.ranks, o.grid.ranks());  // refuses
  check_processes(o, text("lab run ", lab.name, " ", shell_words(arguments)), processes);
  return command;
}

std::vector<std::string> split_words(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

}  // namespace shardpipe
