#include "labs/cli/schedule_auto.h"

#include <cstdio>

#include "core/base/error.h"

namespace shardpipe {
namespace {

bool is_chosen(const Candidate& one, const AutoChoice& choice) {
  return one.name == choice.chosen.name && one.chunks == choice.chosen.chunks &&
         one.makespan == choice.chosen.makespan;
}

std::string row(const Candidate& one, const AutoChoice& choice) {
  char line[96];
  std::snprintf(line, sizeof line, "%-18s%13d%10.6g%9.6g%7.6g", one.name.c_str(), one.chunks,
                one.makespan, one.span, one.held);
  const char* mark = !one.fits ? "   beyond the limit" : is_chosen(one, choice) ? "   chosen" : "";
  return text(line, mark, "\n");
}

std::string verdict(const AutoChoice& choice, const AutoRequest& request) {
  const std::string orders = request.most_chunks == 1
                                 ? "with one stage a rank no order"
                                 : text("with up to ", request.most_chunks,
                                        " stages a rank (one, a V or a loop) no order");
  if (choice.is_optimal) return text("optimal: ", orders, " is faster under this limit");
  char bound[32];
  std::snprintf(bound, sizeof bound, "%.6g", choice.bound);
  return text("best found, bound ", bound, ": ", orders, " takes less under this limit");
}

}  // namespace

std::string auto_table(const AutoChoice& choice, const AutoRequest& request) {
  std::string out =
      text("at most ", request.memory_limit,
           " micro-batches held by a rank, from F to W; a chunk counts 1/(stages a rank)\n\n",
           "schedule          stages a rank  makespan     span   held\n");
  for (const Candidate& one : choice.candidates) out += row(one, choice);
  char figures[96];
  std::snprintf(figures, sizeof figures, "makespan %.6g, longest span of a rank %.6g",
                choice.chosen.makespan, choice.chosen.span);
  return out +
         text("\n", choice.chosen.name, ": ", figures, "\n", verdict(choice, request), "\n\n");
}

Json auto_json(const AutoChoice& choice, const AutoRequest& request) {
  Json candidates = Json::list();
  for (const Candidate& one : choice.candidates)
    candidates.push_back({{"name", one.name},
                          {"chunks", one.chunks},
                          {"makespan", one.makespan},
                          {"span", one.span},
                          {"held", one.held},
                          {"fits", one.fits}});
  return {{"memory_limit", request.memory_limit},
          {"most_chunks", request.most_chunks},
          {"span", choice.chosen.span},
          {"held", choice.chosen.held},
          {"bound", choice.bound},
          {"optimal", choice.is_optimal},
          {"candidates", candidates}};
}

}  // namespace shardpipe
