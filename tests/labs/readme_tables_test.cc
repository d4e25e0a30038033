// Tables in the labs' READMEs and in docs/ are computed from counters. A table stands between
//   <!-- counters: LAB FLAGS|FLAGS... -->   and   <!-- end -->
// (one row a set of flags), for times of a step, each against the first, between
//   <!-- steps: LAB FLAGS|FLAGS... -->   and   <!-- end -->
// or, for the sweeps that a lab prints itself, between
//   <!-- sweep: LAB FLAGS... -->   and   <!-- end -->
// and this test holds it against a run. LAB_UPDATE_TABLES=1 ./build/test_labs rewrites them.
// A lab's README tabulates the modelled commands of its "sh run" block, all of them and no others.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <regex>
#include <set>
#include <sstream>

#include "labs/cli/lab_flags.h"
#include "labs/report.h"
#include "tests/support/catch.h"
#include "tests/support/computed_page.h"
#include "tests/support/paths.h"

namespace shardpipe {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string joined(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
  return line;
}

// The "|"-separated sets of flags behind the lab's name.
std::vector<std::string> flags_of(const std::string& directive) {
  std::vector<std::string> all;
  std::istringstream rows(directive.substr(split_words(directive).at(0).size()));
  for (std::string flags; std::getline(rows, flags, '|');)
    all.push_back(joined(split_words(flags)));
  return all;
}

LabResult one_step(const Lab& lab, const std::string& flags) {
  LabOptions o = parse_lab_flags(lab, split_words(flags)).options;
  o.check = false;
  o.steps = 1;
  return lab.run(o);
}

std::string table(const std::string& directive) {
  const Lab& lab = find_lab(split_words(directive).at(0));
  std::string out = text("| `", lab.name,
                         "` | forward and backward of one step | payload a rank | wire bytes a "
                         "rank |\n|---|---|---|---|\n");
  for (const std::string& row : flags_of(directive)) {
    const LabResult r = one_step(lab, row);
    std::string calls;
    double bytes = 0, wire = 0;
    for (const CommCount& c : r.report.ranks[0].communication) {
      calls += text(calls.empty() ? "" : ", ", c.calls, " ", name_of(c.kind),
                    c.group == "tp" ? "" : " in " + c.group);
      bytes += static_cast<double>(c.bytes);
      wire += static_cast<double>(c.wire_bytes);
    }
    out += text("| `", row, "` | ", calls.empty() ? "none" : calls, " | ", human_bytes(bytes),
                " | ", human_bytes(wire), " |\n");
  }
  return out;
}

// "-13.5 %"
std::string change(double ratio) {
  const double percent = std::round((ratio - 1) * 1000) / 10;
  return percent == 0 ? "0 %" : text(percent > 0 ? "+" : "", percent, " %");
}

// The flags at the end that all rows share.
std::string common_end(const std::vector<std::string>& rows) {
  std::vector<std::string> shared = split_words(rows.at(0));
  for (const std::string& row : rows) {
    const std::vector<std::string> words = split_words(row);
    std::size_t n = 0;
    while (n < std::min(words.size(), shared.size()) &&
           words[words.size() - 1 - n] == shared[shared.size() - 1 - n])
      ++n;
    shared.erase(shared.begin(), shared.end() - static_cast<std::ptrdiff_t>(n));
  }
  while (!shared.empty() && shared[0].rfind("--", 0) != 0) shared.erase(shared.begin());
  return joined(shared);
}

std::string steps(const std::string& directive) {
  const Lab& lab = find_lab(split_words(directive).at(0));
  const std::vector<std::string> rows = flags_of(directive);
  const std::string end = common_end(rows);
  std::string out =
      text("`", lab.name, " FLAGS ", end, "`\n\n",
           "| FLAGS | a step | against the first | peak memory a rank |\n", "|---|---|---|---|\n");
  double first = 0;
  for (const std::string& row : rows) {
    const LabResult r = one_step(lab, row);
    const double seconds = static_cast<double>(r.report.trace.wall_ns) * 1e-9;
    std::int64_t peak = 0;  // of the worst rank
    for (const RankReport& rank : r.report.ranks) peak = std::max(peak, rank.peak_bytes);
    const bool is_first = first == 0;
    if (is_first) first = seconds;
    const std::string own = joined(split_words(row.substr(0, row.size() - end.size())));
    out += text("| ", own.empty() ? "none" : "`" + own + "`", " | ", human_time(seconds), " | ",
                is_first ? "" : change(seconds / first), " | ",
                human_bytes(static_cast<double>(peak)), " |\n");
  }
  return out;
}

std::string sweep(const std::string& directive) {
  auto words = split_words(directive);
  const Lab& lab = find_lab(words.at(0));
  words.erase(words.begin());
  LabOptions o = parse_lab_flags(lab, words).options;
  o.check = false;
  std::string out;
  for (const LabTable& t : lab.run(o).tables) {
    std::string rule;
    auto add_row = [&out](const std::vector<std::string>& cells) {
      for (std::string cell : cells) {
        std::replace(cell.begin(), cell.end(), '|', '/');
        out += "| " + cell + " ";
      }
      out += "|\n";
    };
    if (!out.empty()) out += "\n";
    std::string title = t.title;
    std::replace(title.begin(), title.end(), '|', '/');
    out += title + "\n\n";
    add_row(t.columns);
    for (std::size_t i = 0; i < t.columns.size(); ++i) rule += "|---";
    out += rule + "|\n";
    for (const auto& row : t.rows) add_row(row);
  }
  return out;
}

std::string updated(const std::string& page) {
  int parts = 0;
  std::string fresh = updated_page(page, table, parts, "<!-- counters: ");
  fresh = updated_page(fresh, steps, parts, "<!-- steps: ");
  return updated_page(fresh, sweep, parts, "<!-- sweep: ");
}

// "LAB FLAGS" of every run that a page's marks stand for.
std::set<std::string> tabulated(const std::string& page) {
  std::set<std::string> all;
  const auto add = [&](const std::string& directive) {
    for (const std::string& flags : flags_of(directive))
      all.insert(split_words(directive).at(0) + " " + flags);
    return std::string();
  };
  int parts = 0;
  for (const char* open : {"<!-- counters: ", "<!-- steps: ", "<!-- sweep: "})
    updated_page(page, add, parts, open);
  return all;
}

// "LAB FLAGS" of both sides of a comparison, or of a run.
std::vector<std::string> runs_of(const std::string& command) {
  static const std::regex run(R"re(\./lab run ([^#&]*))re"),
      compare(R"re(\./lab compare (\S+) --a "([^"]*)" --b "([^"]*)")re");
  std::smatch found;
  if (std::regex_search(command, found, run)) return {joined(split_words(found[1]))};
  if (!std::regex_search(command, found, compare)) return {};
  const std::string lab = found[1];
  return {joined(split_words(lab + " " + found[2].str())),
          joined(split_words(lab + " " + found[3].str()))};
}

// Those of the page's "sh run" block that are modelled.
std::set<std::string> modelled_runs(const std::string& page) {
  const std::string open = "```sh run\n";
  const std::size_t begin = page.find(open);
  REQUIRE(begin != std::string::npos);
  std::istringstream lines(page.substr(begin + open.size()));
  std::set<std::string> all;
  for (std::string line; std::getline(lines, line) && line != "```";)
    for (const std::string& run : runs_of(line))
      if (run.find("--device modelled") != std::string::npos) all.insert(run);
  return all;
}

}  // namespace

TEST_CASE("tables in READMEs and docs are what the counters say") {
  int tables = 0;
  for (const char* folder : {"labs", "docs"})
    for (const auto& entry : fs::recursive_directory_iterator(in_source(folder))) {
      if (entry.path().extension() != ".md") continue;
      const std::string page = read(entry.path());
      if (page.find("<!-- counters: ") == std::string::npos &&
          page.find("<!-- steps: ") == std::string::npos &&
          page.find("<!-- sweep: ") == std::string::npos)
        continue;
      ++tables;
      const std::string fresh = updated(page);
      if (std::getenv("LAB_UPDATE_TABLES") != nullptr) {
        std::ofstream(entry.path()) << fresh;
        continue;
      }
      INFO(entry.path() << ": LAB_UPDATE_TABLES=1 ./build/test_labs rewrites its tables");
      CHECK(fresh == page);
    }
  CHECK(tables > 0);
}

TEST_CASE(
    "docs/slow_links.md: what wins or loses there does so by 5 % at least, in both directions") {
  const std::string page = read(in_source("docs/slow_links.md"));
  static const std::regex change_cell(R"re(\| ([+-]?[0-9.]+) % \|)re");
  std::vector<double> changes;
  for (std::sregex_iterator at(page.begin(), page.end(), change_cell), end; at != end; ++at)
    changes.push_back(std::stod((*at)[1]));
  CHECK(changes.size() >= 12);
  for (const double change : changes) CHECK(std::abs(change) >= 5);
  CHECK(std::count_if(changes.begin(), changes.end(), [](double x) { return x > 0; }) >= 5);
}

TEST_CASE("a page of a day tabulates the modelled commands that it says to run, and no others") {
  int pages = 0;
  for (const auto& entry : fs::recursive_directory_iterator(in_source("labs"))) {
    if (entry.path().extension() != ".md") continue;
    const std::string page = read(entry.path());
    if (page.find("```sh run\n") == std::string::npos) continue;
    if (entry.path().parent_path().filename() == "day01_collectives") continue;
    ++pages;
    INFO(entry.path());
    CHECK(tabulated(page) == modelled_runs(page));
  }
  CHECK(pages == 9);  // a day each, and three of day 4
}

}  // namespace shardpipe
