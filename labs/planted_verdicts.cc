#include "labs/planted_verdicts.h"

#include <charconv>
#include <sstream>

#include "core/base/data_root.h"
#include "core/base/input_file.h"

namespace shardpipe {
namespace {

// Of "| a | b |", from 0.
std::string cell(const std::string& row, int number) {
  std::istringstream cells(row.substr(row.find('|') + 1));
  std::string text;
  for (int i = 0; i <= number; ++i) std::getline(cells, text, '|');
  const std::size_t begin = text.find_first_not_of(' '), end = text.find_last_not_of(' ');
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

// "" without one: a result does not depend on it.
std::string page() {
  const std::string file = data_root() + "/docs/planted_verdicts.md";
  try {
    return is_there(file) ? InputFile(file, {.what = "a page", .most_bytes = kMiB}).all() : "";
  } catch (const Error&) {
    return "";
  }
}

}  // namespace

std::optional<double> planted_difference(const std::string& bug) {
  constexpr int kDifference = 4;
  std::istringstream lines(page());
  for (std::string line; std::getline(lines, line);) {
    if (cell(line, 0) != "`" + bug + "`") continue;
    const std::string word = cell(line, kDifference);
    double difference = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), difference);
    if (error == std::errc() && end == word.data() + word.size()) return difference;
  }
  return std::nullopt;
}

}  // namespace shardpipe
