// How day06_test_1f1b is graded: the answer judges schedules of which it is known what they are.
#include "exercises/day06_schedules/day06_test_1f1b.h"

#include "core/schedule/text.h"
#include "labs/grade/day06/known_schedules.h"
#include "labs/grade/graded_exercises.h"
#include "labs/grade/schedule_picture.h"
#include "labs/grade/tested_subjects.h"

namespace shardpipe {
namespace {

SubjectOfSize of_size(const OneFOneBTestAnswer& answer, const KnownSchedule& known,
                      PipelineSize size) {
  const auto build = [=] { return known.build(size.ranks, size.microbatches); };
  return {.words = size.words(),
          .ask =
              [=] {
                const Schedule schedule = build();
                return answer.what_is_wrong(schedule, size.ranks, size.microbatches);
              },
          .picture =
              [=] {
                const Schedule right = build();
                return lines_of(draw_grid(right, simulate(right, {}), {.columns = 88}));
              },
          .fault = [=] { return judge_1f1b(build(), size).findings.at(0); }};
}

Trial try_answer(const OneFOneBTestAnswer& answer, std::uint64_t seed) {
  // Wrong schedules of few micro-batches may do what right ones do.
  const std::vector<PipelineSize> sizes = {{3, 7}, {4, 8}, seeded_size(seed)};
  std::vector<PipelineSize> sizes_of_right = sizes;
  sizes_of_right.insert(sizes_of_right.end(), {{4, 2}, {1, 3}});
  std::vector<Subject> subjects;
  for (const KnownSchedule& known : known_schedules()) {
    Subject subject{.what = known.what, .is_right = known.is_right};
    for (const PipelineSize size : known.is_right ? sizes_of_right : sizes)
      subject.sizes.push_back(of_size(answer, known, size));
    subjects.push_back(std::move(subject));
  }
  return try_test("schedule", subjects);
}

}  // namespace

std::unique_ptr<Graded> graded_test_1f1b() {
  return make_graded(try_answer, &OneFOneBTestAnswer::what_is_wrong);
}

}  // namespace shardpipe
