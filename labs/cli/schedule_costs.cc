#include "labs/cli/schedule_costs.h"

#include <charconv>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace shardpipe {
namespace {

// The parts between separators; one more than there are of these.
std::vector<std::string_view> parts_of(std::string_view words, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at; (at = words.find(separator)) != std::string_view::npos;) {
    parts.push_back(words.substr(0, at));
    words.remove_prefix(at + 1);
  }
  parts.push_back(words);
  return parts;
}

// So many numbers; empty if the parts are others.
std::vector<double> numbers_of(const std::vector<std::string_view>& parts, std::size_t count) {
  std::vector<double> numbers;
  for (const std::string_view part : parts) {
    double number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc() || end != part.data() + part.size()) return {};
    numbers.push_back(number);
  }
  return numbers.size() == count ? numbers : std::vector<double>();
}

bool is_time(double number) { return number >= 0 && number <= 1e9; }  // false for NaN

Costs::Stage stage_of(std::string_view word, const Costs& costs, int chunks) {
  const auto parts = parts_of(word, '/');
  const std::vector<double> n = numbers_of(parts, parts.size() == 1 ? 1 : 3);
  Costs::Stage stage;
  if (n.size() == 1)
    stage = {n[0] * costs.F / chunks, n[0] * costs.I / chunks, n[0] * costs.W / chunks};
  if (n.size() == 3) stage = {n[0], n[1], n[2]};
  if (n.empty() || !is_time(stage.F) || stage.F == 0 || !is_time(stage.I) || !is_time(stage.W))
    usage_error(
        text("--stage-costs ", printable(std::string(word.substr(0, 40))),
             ": each stage takes a number, how many times --costs, or three, F/I/W; F above "
             "0, all at most 1e9"));
  return stage;
}

}  // namespace

Costs parse_costs(const std::string& words) {
  const std::vector<double> n = numbers_of(parts_of(words, ','), 4);
  if (n.empty())
    usage_error(text("--costs ", printable(words), ": four numbers F,I,W,C, such as 1,1,1,0"));
  return {.F = n[0], .I = n[1], .W = n[2], .C = n[3]};
}

std::vector<Costs::Stage> parse_stage_costs(const std::string& words, const Costs& costs,
                                            const Schedule& schedule) {
  const auto parts = parts_of(words, ',');
  if (parts.size() != static_cast<std::size_t>(schedule.stages))
    usage_error(text("--stage-costs has ", parts.size(), parts.size() == 1 ? " stage" : " stages",
                     ", and this schedule has ", schedule.stages, ": one number each, or F/I/W"));
  std::vector<Costs::Stage> stages;
  for (const std::string_view part : parts)
    stages.push_back(stage_of(part, costs, schedule.chunks));
  return stages;
}

}  // namespace shardpipe
