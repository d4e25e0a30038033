// lab bench SUBJECT ...
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>

#include "core/base/error.h"
#include "labs/bench/collectives_report.h"
#include "labs/bench/rivals.h"
#include "labs/cli/parse_flags.h"
#include "labs/cli/verbs.h"

namespace shardpipe {
namespace {

struct Subject {
  const char* name;
  int (*run)(const Arguments&);
};

struct CollectiveFlags {
  CollectiveBench bench = {};
  std::string kind = "all_reduce", svg_file = {};
  bool json = false, alone = false;
};

OpKind kind_of(const std::string& name) {
  return name == "all_gather"       ? OpKind::all_gather
         : name == "reduce_scatter" ? OpKind::reduce_scatter
                                    : OpKind::all_reduce;
}

// False if help was asked for and given.
bool parse(const Arguments& arguments, CollectiveFlags& flags) {
  CLI::App app("Every algorithm of core/collectives and the backend's own, over sizes.",
               "lab bench collectives");
  app.add_option("--kind", flags.kind, "all_reduce, all_gather or reduce_scatter")
      ->check(CLI::IsMember({"all_reduce", "all_gather", "reduce_scatter"}))
      ->capture_default_str();
  app.add_option("--ranks", flags.bench.ranks, "ranks")->capture_default_str();
  app.add_option("--device", flags.bench.device, "cpu or modelled")
      ->check(CLI::IsMember({"cpu", "modelled"}))
      ->capture_default_str();
  app.add_option("--hardware", flags.bench.hardware,
                 "profile of --device modelled, or a .json file")
      ->capture_default_str();
  app.add_option("--max-bytes", flags.bench.max_bytes, "the largest tensor; the smallest has 1024")
      ->capture_default_str();
  app.add_option("--svg", flags.svg_file, "write the plot to this file");
  app.add_flag("--alone", flags.alone, "do not compare with MPI and Gloo (--device cpu)");
  app.add_flag("--json", flags.json, "one JSON document on stdout");
  app.footer(
      "Examples: ./lab bench collectives --ranks 2\n"
      "          ./lab bench collectives --ranks 8 --device modelled --max-bytes 268435456\n"
      "What each algorithm is: docs/collectives.md");
  if (!parse_flags(app, arguments)) return false;
  flags.bench.kind = kind_of(flags.kind);
  check_bench(flags.bench);
  return true;
}

int bench_collectives(const Arguments& arguments) {
  CollectiveFlags flags;
  if (!parse(arguments, flags)) return 0;
  std::ofstream svg;
  if (!flags.svg_file.empty()) {
    svg.open(flags.svg_file);
    if (!svg) usage_error(text("--svg ", flags.svg_file, ": cannot be written"));
  }
  CollectiveSweep sweep = run_bench(flags.bench);
  if (!flags.alone) add_rivals(sweep);
  if (svg.is_open()) svg << svg_plot(sweep);
  if (flags.json)
    std::cout << to_json(sweep).dump(2) << "\n";
  else
    std::cout << to_text(sweep);
  return 0;
}

constexpr Subject kSubjects[] = {{"collectives", bench_collectives}};

}  // namespace

int verb_bench(const Arguments& arguments) {
  std::string names;
  for (const Subject& s : kSubjects) {
    if (!arguments.empty() && arguments[0] == s.name)
      return s.run({arguments.begin() + 1, arguments.end()});
    names += (names.empty() ? "" : ", ") + std::string(s.name);
  }
  if (!arguments.empty() && wants_help({arguments[0]})) {
    std::cout << "usage: ./lab bench SUBJECT ...   (every subject has --help)\nsubjects: " << names
              << "\n";
    return 0;
  }
  usage_error(text("lab bench '", arguments.empty() ? "" : arguments[0], "': subjects: ", names));
}

}  // namespace shardpipe
