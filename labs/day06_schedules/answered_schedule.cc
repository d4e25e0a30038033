#include "labs/day06_schedules/answered_schedule.h"

#include "core/base/error.h"
#include "core/schedule/checker.h"
#include "exercises/day06_schedules/day06_1f1b.h"
#include "labs/answers.h"

namespace shardpipe {

Schedule answered_schedule(const std::string& exercise, int ranks, int microbatches) {
  if (ranks < 1 || microbatches < 1)
    usage_error(text("mine:", exercise, ": at least 1 rank and 1 micro-batch, not ", ranks, " and ",
                     microbatches));
  const auto answer = load_answer<OneFOneBAnswer>(exercise);
  Schedule schedule{.name = "mine:" + exercise, .stages = ranks, .microbatches = microbatches};
  for (int rank = 0; rank < ranks; ++rank)
    schedule.ranks.push_back(answer.rank_order(rank, ranks, microbatches));
  if (const std::string wrong = check_schedule(schedule); !wrong.empty())
    fail(ExitCode::wrong,
         text("mine:", exercise, ": ", wrong.substr(0, wrong.find_last_not_of('\n') + 1)));
  return schedule;
}

}  // namespace shardpipe
