// lab-report: traces as one HTML page. `lab report` starts it; it needs neither ImGui nor a window.
#include <algorithm>
#include <filesystem>

#include "core/base/error.h"
#include "core/base/flags.h"
#include "core/base/one_file.h"
#include "core/base/output_file.h"
#include "core/base/printable.h"
#include "core/base/run_main.h"
#include "core/trace/rank_rows.h"
#include "core/trace/shown_trace.h"
#include "viz/report/report.h"

namespace shardpipe::viz {
namespace {

struct Asked {
  std::vector<std::string> files = {}, pairs = {};  // pairs: two files each
  std::string out = "report.html", title = "Traces", hardware = {}, ranks = {};
};

// The place of a file among the traces of the report; it is read if it is not there yet.
std::size_t place_of(const std::string& file, std::vector<std::string>& files, Report& report) {
  const auto found = std::find(files.begin(), files.end(), file);
  if (found != files.end()) return static_cast<std::size_t>(found - files.begin());
  files.push_back(file);
  report.traces.push_back(naming(file, [&] {
    ReadTrace read = read_to_show({file});
    for (const std::string& warning : read.warnings) say(warning);
    return std::make_unique<NamedModel>(
        NamedModel{printable(std::filesystem::path(file).stem().string()),
                   TimelineModel(std::move(read.trace))});
  }));
  return files.size() - 1;
}

void write_report(const Asked& asked) {
  std::vector<NamedFile> read = {{"--hardware", asked.hardware}};
  for (const auto* names : {&asked.files, &asked.pairs})
    for (const std::string& name : *names) read.push_back({"", name});
  refuse_one_file({{"--out", asked.out}}, read);
  OutputFile out(asked.out);
  out.open();
  Report report{.title = asked.title,
                .traces = {},
                .hardware = asked.hardware,
                .ranks = asked.ranks,
                .pairs = {}};
  std::vector<std::string> files;
  for (std::size_t i = 0; i + 1 < asked.pairs.size(); i += 2) {
    const std::size_t a = place_of(asked.pairs[i], files, report);
    report.pairs.emplace_back(a, place_of(asked.pairs[i + 1], files, report));
  }
  for (const std::string& file : asked.files) place_of(file, files, report);
  int most = 0;
  for (const auto& trace : report.traces)
    most = std::max(most, static_cast<int>(trace->model.ranks().size()));
  if (!asked.ranks.empty()) ranks_in_list(asked.ranks, most);  // refuses
  out.write(to_html(report));
  out.commit();
  say_bare("wrote " + asked.out);
}

int run(const std::vector<std::string>& words) {
  Asked asked;
  Flags flags("lab report",
              "Traces as one HTML page: timelines, gaps and why, what if, predictions.");
  flags.add("FILE", asked.files, "traces (./lab run ... --trace FILE)");
  flags.add("--pair", asked.pairs, "two traces to compare; may be given several times").pairs();
  flags.add("--out", asked.out, "the page").shows_default();
  flags.add("--hardware", asked.hardware, "profile to lay measured traces beside (none)");
  flags.add("--ranks", asked.ranks, kRanksHelp);
  flags.add("--title", asked.title, "of the page").shows_default();
  flags.example("Example: ./lab report step.json --pair naive.json paired.json --out report.html");
  if (!flags.parse(words)) return 0;
  if (asked.files.empty() && asked.pairs.empty())
    usage_error("lab report: name at least one trace file (see ./lab report --help)");
  write_report(asked);
  return 0;
}

}  // namespace
}  // namespace shardpipe::viz

int main(int argc, char** argv) {
  return shardpipe::run_main([&] { return shardpipe::viz::run({argv + 1, argv + argc}); });
}
