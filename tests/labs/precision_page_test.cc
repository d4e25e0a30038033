// docs/precision.md shows the losses of 20 steps in each type and recipe. They are computed again
// here; their last digits depend on the order of sums, so they are compared as numbers.
// LAB_UPDATE_TABLES=1 ./build/test_labs rewrites them.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/plan/weight_bytes.h"
#include "labs/cli/lab_flags.h"
#include "labs/model_flags.h"
#include "tests/support/catch.h"
#include "tests/support/computed_page.h"

namespace shardpipe {
namespace {

// Two machines may differ by as much after 20 steps, which magnify roundings: of f32, of bf16.
constexpr double kF32Digits = 0.01, kBf16Digits = 0.1;

struct Way {
  const char* title;
  std::vector<std::string> flags;
  double digits;
};
const std::vector<Way> kWays = {
    {"f32", {"--dtype", "f32"}, kF32Digits},
    {"bf16, full", {"--dtype", "bf16"}, kBf16Digits},
    {"bf16, lean", {"--dtype", "bf16", "--optimizer-recipe", "lean"}, kBf16Digits}};
const std::vector<std::size_t> kShown = {1, 2, 3, 5, 10, 15, 20};  // steps, from 1

std::vector<double> losses_of(std::vector<std::string> words,
                              const std::vector<std::string>& more) {
  const Lab& lab = find_lab(words.at(0));
  words.erase(words.begin());
  words.insert(words.end(), more.begin(), more.end());
  return lab.run(parse_lab_flags(lab, words).options).loss;
}

std::string table(const std::string& directive) {
  std::string out = "| step |", rule = "|---|";
  std::vector<std::vector<double>> all;
  for (const Way& way : kWays) {
    out += text(" ", way.title, " |");
    rule += "---|";
    all.push_back(losses_of(split_words(directive), way.flags));
  }
  out += "\n" + rule + "\n";
  for (const std::size_t step : kShown) {
    out += text("| ", step, " |");
    for (const auto& losses : all) {
      char cell[32];
      std::snprintf(cell, sizeof cell, " %.3f |", losses.at(step - 1));
      out += cell;
    }
    out += "\n";
  }
  return out;
}

// The numbers of a table, row by row.
std::vector<double> numbers_of(const std::string& rows) {
  std::vector<double> all;
  std::istringstream cells(rows.substr(rows.find("|---|")));
  for (std::string cell; std::getline(cells, cell, '|');) {
    char* end = nullptr;
    const double number = std::strtod(cell.c_str(), &end);
    if (end != cell.c_str()) all.push_back(number);
  }
  return all;
}

}  // namespace

TEST_CASE("docs/precision.md: losses of 20 steps in f32, bf16 and lean bf16") {
  const std::string file = in_source("docs/precision.md"), open = "<!-- trained: ";
  std::ifstream in(file);
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  int parts = 0;
  std::string fresh;
  const std::string updated = updated_page(
      page, [&](const std::string& directive) { return fresh = table(directive); }, parts, open);
  REQUIRE(parts == 1);
  if (std::getenv("LAB_UPDATE_TABLES") != nullptr) {
    std::ofstream(file) << updated;
    return;
  }
  const std::size_t begin = page.find(open), end = page.find("<!-- end -->", begin);
  const std::vector<double> shown = numbers_of(page.substr(begin, end - begin));
  const std::vector<double> is = numbers_of(fresh);
  REQUIRE(shown.size() == is.size());
  const std::size_t columns = 1 + kWays.size();
  for (std::size_t i = 0; i < is.size(); ++i) {
    INFO("row " << i / columns << ", column " << i % columns);
    const double digits = i % columns == 0 ? 0 : kWays[i % columns - 1].digits;
    CHECK(std::abs(shown[i] - is[i]) <= digits);
  }
  // They learn: what the page says.
  for (std::size_t way = 1; way < columns; ++way)
    CHECK(is[is.size() - columns + way] < is[way] - 1);
}

TEST_CASE("flags of type, recipe and optimizer reach the run in both training labs") {
  for (const std::string lab : {"tp-train --tp 2", "hybrid-train --tp 2 --microbatches 2 --pp 1"}) {
    INFO(lab);
    const auto run = [&](const std::string& flags) {
      std::vector<std::string> words = split_words(
          lab + " --steps 3 --layers 2 --hidden 32 --ffn 64 --seq 16 --batch 4 " + flags);
      const Lab& found = find_lab(words.at(0));
      words.erase(words.begin());
      return found.run(parse_lab_flags(found, words).options);
    };
    const LabResult plain = run("--dtype f32"), half = run("--dtype bf16");
    const LabResult lean = run("--dtype bf16 --optimizer-recipe lean");
    CHECK(plain.loss == run("").loss);
    CHECK(half.dtype == DType::bf16);
    CHECK(half.check->passed());
    CHECK(lean.check->passed());
    CHECK(half.loss[0] != plain.loss[0]);
    CHECK(half.loss[0] == lean.loss[0]);  // the first step has not been made yet
    CHECK(half.loss[2] != lean.loss[2]);
    const Index weights = weights_of_stage(model_of(half.options, half.shape), {.layers = 2}, 2);
    for (std::size_t rank = 0; rank < 2; ++rank)
      CHECK(half.report.ranks[rank].peak_bytes - lean.report.ranks[rank].peak_bytes ==
            (18 - 12) * weights);
    const LabResult slow = run("--warmup 100"), decayed = run("--weight-decay 10");
    CHECK(slow.loss[0] == plain.loss[0]);
    CHECK(slow.loss[2] > plain.loss[2] + 0.01);
    CHECK(decayed.loss[0] == plain.loss[0]);
    CHECK(decayed.loss[2] != plain.loss[2]);
  }
}

}  // namespace shardpipe
