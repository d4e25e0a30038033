#include "labs/grade/ending.h"

#include <algorithm>
#include <cctype>
#include <regex>
#include <sstream>

namespace shardpipe {
namespace {

// "(after barrier #0 of world[0,1,2], run_rank.cc:20)": the grader's own barrier, no news.
std::string without_window(const std::string& said) {
  static const std::regex window(R"( \(after barrier #0 of world\[[0-9,]*\][^)]*\))");
  return std::regex_replace(said, window, "");
}

// "mine/day01_exchange.cc:30" of a learner's answer, "P2P-ALL-SEND-FIRST:30" of a known one.
std::string without_lines(const std::string& said) {
  static const std::regex line(R"([A-Za-z0-9_./-]+:[0-9]+)");
  return std::regex_replace(said, line, "");
}

}  // namespace

Ending ending_of(const Error& error, bool is_modelled) {
  Ending ending{.said = without_window(error.what())};
  ending.signature =
      text("ended with ", static_cast<int>(error.code()), ": ", without_lines(ending.said), "\n");
  if (!is_modelled)
    std::erase_if(ending.signature,
                  [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; });
  // "deadlock: rank 0 waits for rank 1, ... . rank 0 waits in ...; rank 1 waits in ..."
  const std::size_t first = ending.said.find(". rank ");
  if (error.code() != ExitCode::deadlock || first == std::string::npos) return ending;
  std::istringstream stories(ending.said.substr(first + 2));
  for (std::string story; std::getline(stories, story, ';');)
    ending.picture.push_back(story.substr(story.find_first_not_of(' ')));
  ending.said.erase(first);
  return ending;
}

}  // namespace shardpipe
