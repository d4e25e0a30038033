// Tables in the labs' READMEs and in docs/ are computed from counters. A table stands between
//   <!-- counters: LAB FLAGS|FLAGS... -->   and   <!-- end -->
// (one row a set of flags), or, for the sweeps that a lab prints itself, between
//   <!-- sweep: LAB FLAGS... -->   and   <!-- end -->
// and this test holds it against a run. LAB_UPDATE_TABLES=1 ./build/test_labs rewrites them.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
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

// One row for every "|"-separated set of flags.
std::string table(const std::string& directive) {
  const auto words = split_words(directive);
  const Lab& lab = find_lab(words.at(0));
  std::string out =
      "| flags | forward and backward of one step | payload a rank | sent by a rank (ring) "
      "|\n|---|---|---|---|\n";
  std::istringstream rows(directive.substr(directive.find(words[0]) + words[0].size()));
  for (std::string flags; std::getline(rows, flags, '|');) {
    const auto arguments = split_words(flags);
    LabOptions o = parse_lab_flags(lab, arguments).options;
    o.check = false;
    o.steps = 1;
    const LabResult r = lab.run(o);
    std::string calls, row;
    double bytes = 0, wire = 0;
    for (const CommCount& c : r.report.ranks[0].communication) {
      calls += text(calls.empty() ? "" : ", ", c.calls, " ", name_of(c.kind),
                    c.group == "tp" ? "" : " in " + c.group);
      bytes += static_cast<double>(c.bytes);
      wire += static_cast<double>(c.wire_bytes);
    }
    for (const std::string& a : arguments) row += (row.empty() ? "" : " ") + a;
    out += text("| `", row, "` | ", calls.empty() ? "none" : calls, " | ", human_bytes(bytes),
                " | ", human_bytes(wire), " |\n");
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
  return updated_page(updated_page(page, table, parts, "<!-- counters: "), sweep, parts,
                      "<!-- sweep: ");
}

}  // namespace

TEST_CASE("tables in READMEs and docs are what the counters say") {
  int tables = 0;
  for (const char* folder : {"labs", "docs"})
    for (const auto& entry : fs::recursive_directory_iterator(in_source(folder))) {
      if (entry.path().extension() != ".md") continue;
      const std::string page = read(entry.path());
      if (page.find("<!-- counters: ") == std::string::npos &&
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

}  // namespace shardpipe
