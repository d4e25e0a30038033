// lab list, lab run, lab compare.
#include <algorithm>
#include <iostream>

#include "core/base/error.h"
#include "core/base/flags.h"
#include "core/base/shell_word.h"
#include "core/base/terminal.h"
#include "core/launch/processes.h"
#include "core/trace/chrome_json.h"
#include "core/trace/rank_rows.h"
#include "core/trace/terminal_timeline.h"
#include "labs/cli/front.h"
#include "labs/cli/held_signals.h"
#include "labs/cli/lab_flags.h"
#include "labs/cli/run_files.h"
#include "labs/cli/scratch_folder.h"
#include "labs/cli/verbs.h"
#include "labs/compare_report.h"
#include "labs/report.h"

namespace shardpipe {
namespace {

// What a comparison found comes first, then whether the run's files could be saved.
int exit_code(const LabResult& r, ExitCode saved) {
  return static_cast<int>(r.check && !r.check->passed() ? ExitCode::wrong : saved);
}

void show(const LabResult& r, const std::string& ranks) {
  const std::string picture =
      draw_timeline(r.report.trace, {.colour = colour_wanted(), .ranks = ranks});
  std::string tables;
  for (const LabTable& table : r.tables) tables += "\n" + to_text(table);
  if (r.tables_first)
    std::cout << header_text(r) << tables << "\n" << figures_text(r, ranks) << "\n" << picture;
  else
    std::cout << header_text(r) << "\n" << figures_text(r, ranks) << "\n" << picture << tables;
}

std::string toggle_line(const Toggle& t) {
  constexpr std::size_t kWidth = 76;
  std::string line = "--" + t.name + " ";
  std::size_t begin = 0;  // of the present line
  for (const std::string& v : t.values) {
    const std::string next = v + (v == t.default_value ? "*" : "");
    if (line.size() + next.size() - begin > kWidth) {
      begin = line.size();
      line += "\n" + std::string(26, ' ');
    }
    line += (&v == t.values.data() ? "" : "|") + next;
  }
  if (t.values.empty()) line += "TEXT";
  return line;
}

// Both traces in the viewer, or, if it has a name, in a picture. They are gone afterwards. The exit
// code: 0, or that of a signal that ended it.
int view_pair(const LabResult& a, const LabResult& b, const std::string& picture) {
  if (!started_processes().first()) return 0;
  const HeldSignals held;  // until the folder has gone
  const ScratchFolder folder;
  // The viewer names a trace after its file.
  const std::string &way_a = a.options.technique, &way_b = b.options.technique;
  const std::string file_a = folder.path() + "/" + (way_a == way_b ? "a" : way_a) + ".json",
                    file_b = folder.path() + "/" + (way_a == way_b ? "b" : way_b) + ".json";
  write_chrome_json(a.report.trace, file_a);
  write_chrome_json(b.report.trace, file_b);
  Arguments arguments = {file_a, "--against", file_b};
  if (!picture.empty()) arguments.insert(arguments.end(), {"--screenshot", picture});
  std::cout.flush();
  const int code = run_viewer(arguments);
  return code == kInterrupted ? 0 : code;
}

}  // namespace

int verb_list(const Arguments& arguments) {
  if (wants_help(arguments) || !arguments.empty()) {
    if (!wants_help(arguments)) usage_error("lab list takes no arguments");
    std::cout << "usage: ./lab list        the labs and their toggles (* is the default)\n";
    return 0;
  }
  for (const Lab& lab : all_labs()) {
    print("day %d  %-13s %s\n", lab.day, lab.name.c_str(), lab.summary.c_str());
    const Toggle technique = {"technique", lab.techniques, lab.technique, ""};
    print("       %-13s %s\n", "", toggle_line(technique).c_str());
    for (const Toggle& t : lab.toggles) print("       %-13s %s\n", "", toggle_line(t).c_str());
  }
  std::cout << "\nrun one: ./lab run tp-mlp --technique naive     all its flags: ./lab run tp-mlp "
               "--help\n";
  return 0;
}

int verb_run(const Arguments& arguments) {
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h") {
    std::cout
        << "usage: ./lab run LAB [flags]      labs: ./lab list      flags: ./lab run LAB --help\n"
           "example: ./lab run tp-block --technique naive --tp 4 --device modelled --json\n";
    return arguments.empty() ? 2 : 0;
  }
  const Lab& lab = find_lab(arguments[0]);
  const LabCommand command = parse_lab_flags(lab, {arguments.begin() + 1, arguments.end()});
  if (command.help) {
    std::cout << command.help_text;
    return 0;
  }
  open_files({&command});
  if (command.options.is_live)
    say(text("in another terminal: ./lab view ", shell_file(command.options.trace->name()),
             " --follow"));
  const LabResult result = lab.run(command.options);
  if (command.json)
    std::cout << to_json(result).dump(2) << "\n";
  else
    show(result, command.ranks);
  const ExitCode saved = save_files(result);
  if (saved == ExitCode::success && result.options.trace && !command.json)
    std::cout << "\ntrace: ./lab view " << shell_file(result.options.trace->name())
              << "   (or drop it on ui.perfetto.dev)\n";
  return exit_code(result, saved);
}

int verb_compare(const Arguments& arguments) {
  std::string name, a_flags, b_flags;
  std::string picture, ranks;
  bool json = false, view = false;
  Flags flags("lab compare", "One lab, two ways.");
  flags.add("LAB", name, "name of a lab (./lab list)").required();
  flags.add("--a", a_flags, "flags of the first run, in quotes").required();
  flags.add("--b", b_flags, "flags of the second run, in quotes").required();
  flags.add_switch("--json", json, "one JSON document {a, b, difference} on stdout");
  flags.add_switch("--view", view, "both timelines on one axis, in the viewer");
  flags.add("--screenshot", picture, "the same as a picture (.png or .svg); needs no display");
  flags.add("--ranks", ranks, kRanksHelp);
  flags.example("Example: ./lab compare tp-block --a \"--technique naive --tp 4\" --b \"--tp 4\"");
  if (!flags.parse(arguments)) return 0;
  if (view || !picture.empty()) find_viewer();
  const Lab& lab = find_lab(name);
  LabCommand a = parse_lab_flags(lab, split_words(a_flags));
  LabCommand b = parse_lab_flags(lab, split_words(b_flags));
  if (a.help || b.help) {
    std::cout << (a.help ? a.help_text : b.help_text);
    return 0;
  }
  if (!a.ranks.empty() || !b.ranks.empty())
    usage_error("--ranks says what is shown of both: it stands outside of --a and --b");
  if (!ranks.empty())
    ranks_in_list(ranks, std::max(a.options.grid.ranks(), b.options.grid.ranks()));  // refuses
  open_files({&a, &b}, picture);
  a.options.asks_work = b.options.asks_work = true;
  const LabResult ra = lab.run(a.options), rb = lab.run(b.options);
  if (json)
    std::cout << compare_json(ra, rb).dump(2) << "\n";
  else
    std::cout << compare_text(ra, rb) << "\n"
              << draw_pair("a", ra.report.trace, "b", rb.report.trace,
                           {.colour = colour_wanted(), .ranks = ranks});
  const ExitCode saved_a = save_files(ra), saved_b = save_files(rb);
  const int viewed = view || !picture.empty() ? view_pair(ra, rb, picture) : 0;
  return std::max({exit_code(ra, saved_a), exit_code(rb, saved_b), viewed});
}

}  // namespace shardpipe
