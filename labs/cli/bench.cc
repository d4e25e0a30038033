// lab bench SUBJECT ...
#include <iostream>

#include "core/base/error.h"
#include "core/base/flags.h"
#include "core/base/one_file.h"
#include "core/base/output_file.h"
#include "labs/bench/collectives_report.h"
#include "labs/bench/rivals.h"
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
bool parse(const Arguments& arguments, CollectiveFlags& set) {
  Flags flags("lab bench collectives",
              "Every algorithm of core/collectives and the backend's own, over sizes.");
  flags.add("--kind", set.kind, "all_reduce, all_gather or reduce_scatter")
      .one_of({"all_reduce", "all_gather", "reduce_scatter"})
      .shows_default();
  flags.add("--ranks", set.bench.ranks, "ranks").shows_default();
  flags.add("--device", set.bench.device, "cpu or modelled")
      .one_of({"cpu", "modelled"})
      .shows_default();
  flags.add("--hardware", set.bench.hardware, "profile of --device modelled, or a .json file")
      .shows_default();
  flags.add("--max-bytes", set.bench.max_bytes, "the largest tensor; the smallest has 1024")
      .shows_default();
  flags.add("--svg", set.svg_file, "write the plot to this file");
  flags.add_switch("--alone", set.alone, "do not compare with MPI and Gloo (--device cpu)");
  flags.add_switch("--json", set.json, "one JSON document on stdout");
  flags.example(
      "Examples: ./lab bench collectives --ranks 2\n"
      "          ./lab bench collectives --ranks 8 --device modelled --max-bytes 268435456\n"
      "What each algorithm is: docs/collectives.md");
  if (!flags.parse(arguments)) return false;
  set.bench.kind = kind_of(set.kind);
  check_bench(set.bench);
  return true;
}

int bench_collectives(const Arguments& arguments) {
  CollectiveFlags flags;
  if (!parse(arguments, flags)) return 0;
  OutputFile svg(flags.svg_file);
  const bool has_svg = !flags.svg_file.empty();
  refuse_one_file({{"--svg", flags.svg_file}}, {{"--hardware", flags.bench.hardware}});
  if (has_svg) svg.open();
  CollectiveSweep sweep = run_bench(flags.bench);
  if (!flags.alone) add_rivals(sweep);
  if (flags.json)
    std::cout << to_json(sweep).dump(2) << "\n";
  else
    std::cout << to_text(sweep);
  if (!has_svg) return 0;
  std::cout.flush();
  svg.write(svg_plot(sweep));
  svg.commit();
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
