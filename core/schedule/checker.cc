// check_schedule: the order. A rank that cannot go on waits for an action of a rank that cannot go
// on either; following that leads around a circle, and the circle is the answer.
#include "core/schedule/checker.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/schedule/replay.h"
#include "core/schedule/waits.h"

namespace shardpipe {
namespace {

class Stuck {
 public:
  Stuck(const Schedule& schedule, const StagePlacement& placement, const Replay& replay)
      : schedule_(schedule), placement_(placement), replay_(replay) {}

  // The action the rank is at (of a block: the one that cannot begin), and what that lacks.
  struct Wait {
    Action at, lacks;
  };
  Wait wait(int rank) const {
    const std::size_t i = replay_.reached(rank);
    Wait found{order(rank)[i], {}};
    if (!lacks(found.at, found.lacks)) found.at = order(rank)[i + 1];
    lacks(found.at, found.lacks);
    return found;
  }

  int rank_of(const Action& a) const { return placement_.rank_of(a.stage, a.microbatch); }
  bool waits(int rank) const { return replay_.reached(rank) < order(rank).size(); }

  std::string around(int rank) const {
    const std::size_t at = replay_.reached(rank);
    std::vector<std::string> words;
    for (const Action& a : order(rank)) words.push_back(to_string(a));
    return line_around(rank, words, at);
  }

 private:
  const std::vector<Action>& order(int rank) const {
    return schedule_.ranks[static_cast<std::size_t>(rank)];
  }

  bool is_done(const Action& a) const {
    const auto& actions = order(rank_of(a));
    const auto end = actions.begin() + static_cast<std::ptrdiff_t>(replay_.reached(rank_of(a)));
    return std::any_of(actions.begin(), end, [&](const Action& b) { return same(a, b); });
  }

  // The first action that `a` needs and that has not been done; false if there is none.
  bool lacks(const Action& a, Action& lacking) const {
    const Needs needs = needs_of(a, schedule_.stages);
    const Action own{a.stage, ActionKind::F, a.microbatch};
    if (needs.own_forward && !is_done(own)) return lacking = own, true;
    if (needs.own_input) return lacking = gradient(a.stage, a.microbatch), !is_done(lacking);
    if (needs.stage_before) lacking = {a.stage - 1, ActionKind::F, a.microbatch};
    if (needs.stage_behind) lacking = gradient(a.stage + 1, a.microbatch);
    return (needs.stage_before || needs.stage_behind) && !is_done(lacking);
  }

  // B or I of the place, whichever the schedule has.
  Action gradient(int stage, int microbatch) const {
    const Action whole{stage, ActionKind::B, microbatch};
    const auto& actions = order(rank_of(whole));
    const bool is_whole = std::any_of(actions.begin(), actions.end(),
                                      [&](const Action& a) { return same(a, whole); });
    return is_whole ? whole : Action{stage, ActionKind::I, microbatch};
  }

  static bool same(const Action& a, const Action& b) {
    return a.stage == b.stage && a.kind == b.kind && a.microbatch == b.microbatch;
  }

  const Schedule& schedule_;
  const StagePlacement& placement_;
  const Replay& replay_;
};

std::string sentence(const Stuck& stuck, const std::vector<int>& circle) {
  std::string out;
  for (const int rank : circle) {
    const Stuck::Wait wait = stuck.wait(rank);
    if (circle.size() == 1)
      return text("rank ", rank, " has ", to_string(wait.at), " before ", to_string(wait.lacks),
                  ", which it needs");
    out += text(out.empty() ? "" : ", ", "rank ", rank, " at ", to_string(wait.at), " waits for ",
                to_string(wait.lacks), " of rank ", stuck.rank_of(wait.lacks));
  }
  return out + (circle.size() == 2 ? ": each waits for the other" : ": each waits for the next");
}

}  // namespace

std::string check_schedule(const Schedule& schedule) {
  if (std::string wrong = check_completeness(schedule); !wrong.empty()) return wrong;
  const StagePlacement placement(schedule);
  const Replay replayed = replay(schedule, placement, {});
  if (replayed.is_complete) return "";
  const Stuck stuck(schedule, placement, replayed);
  int first = 0;
  while (!stuck.waits(first)) ++first;
  const std::vector<int> circle =
      circle_from(first, [&](int rank) { return stuck.rank_of(stuck.wait(rank).lacks); });
  std::string out = sentence(stuck, circle) + "\n";
  for (const int rank : circle) out += stuck.around(rank);
  return out + "[ ]: where the rank waits\n";
}

}  // namespace shardpipe
