#include "labs/grade/steps_picture.h"

#include <algorithm>

namespace shardpipe {
namespace {

constexpr std::size_t kMostRows = 12, kMostRanks = 6;

std::string cell(const RankFacts& rank, std::size_t i) {
  if (i >= rank.calls.size()) return "-";
  const Call& call = rank.calls[i];
  if (call.kind != OpKind::exchange) return text(name_of(call.kind), " ", call.bytes);
  std::string words;
  for (const MessageInfo& m : call.messages)
    words += text(words.empty() ? "" : " ", m.is_send ? ">" : "<", m.peer, " ", m.bytes);
  return words;
}

std::string padded(std::string words, std::size_t width) {
  words.resize(std::max(width, words.size()), ' ');
  return words;
}

}  // namespace

std::vector<std::string> steps_picture(const RunFacts& facts) {
  const std::size_t ranks = std::min(facts.ranks.size(), kMostRanks);
  std::size_t calls = 0;
  for (const RankFacts& rank : facts.ranks) calls = std::max(calls, rank.calls.size());
  std::vector<std::string> lines(std::min(calls, kMostRows) + 1);
  for (std::size_t i = 0; i < lines.size(); ++i) lines[i] = padded(i == 0 ? "call" : text(i), 4);
  for (std::size_t r = 0; r < ranks; ++r) {
    std::vector<std::string> column = {text("rank ", r)};
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) column.push_back(cell(facts.ranks[r], i));
    std::size_t width = 0;
    for (const std::string& words : column) width = std::max(width, words.size());
    for (std::size_t i = 0; i < lines.size(); ++i) lines[i] += "   " + padded(column[i], width);
  }
  for (std::string& line : lines) line.erase(line.find_last_not_of(' ') + 1);
  if (calls > kMostRows) lines.push_back(text("and ", calls - kMostRows, " more"));
  if (calls == 0) lines = {"no rank says anything to another"};
  return lines;
}

}  // namespace shardpipe
