#include "core/schedule/schedule.h"

#include <algorithm>
#include <charconv>

#include "core/base/error.h"

namespace shardpipe {
namespace {

constexpr std::string_view kLetters = "FBIW";  // by ActionKind

// Digits only, and few enough that nothing computed from the number overflows an int64.
bool parse_number(std::string_view digits, int& number) {
  if (digits.empty() || digits.size() > 7) return false;
  const char* end = digits.data() + digits.size();
  if (digits.find_first_not_of("0123456789") != std::string_view::npos) return false;
  return std::from_chars(digits.data(), end, number).ptr == end;
}

// For one line of an error: short, and without control characters.
std::string shown(std::string_view word) {
  std::string out(word.substr(0, 40));
  std::replace_if(
      out.begin(), out.end(), [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
  return out;
}

}  // namespace

std::string to_string(const Action& action) {
  return std::to_string(action.stage) + kLetters[static_cast<std::size_t>(action.kind)] +
         std::to_string(action.microbatch);
}

Action parse_action(std::string_view word) {
  Action action;
  const std::size_t at = word.find_first_of(kLetters);
  if (at == std::string_view::npos || !parse_number(word.substr(0, at), action.stage) ||
      !parse_number(word.substr(at + 1), action.microbatch))
    usage_error(text("'", shown(word),
                     "' is not an action: stage, one of F B I W, micro-batch, such as 0F1"));
  action.kind = static_cast<ActionKind>(kLetters.find(word[at]));
  return action;
}

StagePlacement::StagePlacement(const Schedule& schedule)
    : microbatches_(schedule.microbatches),
      ranks_(static_cast<std::size_t>(schedule.stages) *
                 static_cast<std::size_t>(schedule.microbatches),
             -1) {
  for (int rank = 0; rank < schedule.num_ranks(); ++rank)
    for (const Action& a : schedule.ranks[static_cast<std::size_t>(rank)]) {
      int& place =
          ranks_[static_cast<std::size_t>(a.stage) * static_cast<std::size_t>(microbatches_) +
                 static_cast<std::size_t>(a.microbatch)];
      if (place < 0) place = rank;
    }
}

int rank_of(const Schedule& schedule, int stage, int microbatch) {
  return StagePlacement(schedule).rank_of(stage, microbatch);
}

std::vector<int> stages_of_rank(const Schedule& schedule, int rank) {
  std::vector<bool> holds(static_cast<std::size_t>(schedule.stages));
  for (const Action& a : schedule.ranks.at(static_cast<std::size_t>(rank)))
    holds[static_cast<std::size_t>(a.stage)] = true;
  std::vector<int> stages;
  for (int s = 0; s < schedule.stages; ++s)
    if (holds[static_cast<std::size_t>(s)]) stages.push_back(s);
  return stages;
}

bool is_forward_only(const Schedule& schedule) {
  return std::all_of(schedule.ranks.begin(), schedule.ranks.end(), [](const auto& order) {
    return std::all_of(order.begin(), order.end(),
                       [](const Action& a) { return a.kind == ActionKind::F; });
  });
}

}  // namespace shardpipe
