#include "labs/grade/day04/calls.h"

#include <algorithm>

namespace shardpipe {

Budget calls_at_most(const Collectives& these, int most) {
  Budget budget = calls_of(these, most);
  budget.least = {};
  return budget;
}

Budget no_calls_but_those_of(const std::string& axis, std::vector<OpKind> kinds) {
  const auto is_other = [=](const Call& call) {
    return call.axis != axis || std::find(kinds.begin(), kinds.end(), call.kind) == kinds.end();
  };
  std::string what;
  for (const OpKind kind : kinds) what += text(what.empty() ? "" : ", ", name_of(kind));
  return {.dimension = Dimension::communication,
          .what = text("x something other than ", what, " on ", axis),
          .measure =
              [=](const RunFacts& facts, int rank) {
                const auto& calls = facts.ranks[static_cast<std::size_t>(rank)].calls;
                return static_cast<double>(std::count_if(calls.begin(), calls.end(), is_other));
              },
          .most = [](int) { return 0; }};
}

}  // namespace shardpipe
