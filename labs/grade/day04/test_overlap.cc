// How day04_test_overlap is graded: the answer judges programs of which it is known what they are.
#include <map>

#include "core/base/random.h"
#include "labs/grade/day04/known_overlaps.h"
#include "labs/grade/graded_exercises.h"
#include "labs/grade/tested_subjects.h"

namespace shardpipe {
namespace {

// Rows that do not divide, and at least two pieces: elsewhere wrong programs may do what right ones
// do.
OverlapSize seeded_overlap(std::uint64_t seed) {
  const auto below = [&](std::uint64_t index, int limit) {
    return static_cast<int>(random_bits(seed, 0, index) % static_cast<std::uint64_t>(limit));
  };
  const int pieces = 3 + below(0, 3);
  return {.row = {.grid = {.tp = 3 + below(1, 3)},
                  .tokens = 2 * pieces + 1 + below(2, pieces - 1),
                  .outputs = 5 + below(3, 4),
                  .shard = 100 + below(4, 400)},
          .pieces = pieces};
}

// Run once in a process, which asks many answers about the same programs.
const OverlapRun& ran(const KnownOverlap& known, const OverlapSize& size) {
  static std::map<std::string, OverlapRun> all;
  const std::string key =
      text(known.what, size.words(), ", ", size.row.outputs, ", ", size.row.shard);
  const auto found = all.find(key);
  return found != all.end() ? found->second : all[key] = run_overlap(known, size);
}

// A line an operation: what a learner's test was given.
std::vector<std::string> words_of(const OverlapRun& run) {
  std::vector<std::string> lines;
  const auto add = [&](const char* what, const std::vector<PieceRan>& all) {
    for (const PieceRan& one : all)
      lines.push_back(
          text(what, " of piece ", one.piece, "  ", one.begin_ns, " to ", one.end_ns, " ns"));
  };
  add("product", run.products);
  add("sum    ", run.sums);
  if (!run.stopped_by.empty()) lines.push_back(run.stopped_by);
  return lines;
}

SubjectOfSize of_size(const OverlapTestAnswer& answer, const KnownOverlap& known,
                      const OverlapSize& size) {
  return {.words = size.words(),
          .ask = [=] { return answer.what_is_wrong(ran(known, size)); },
          .picture = [=] { return words_of(ran(known, size)); },
          .fault =
              [=] {
                return Finding{Dimension::schedule, text(known.fault, " (", size.words(), ")"),
                               words_of(ran(known, size))};
              }};
}

Trial try_answer(const OverlapTestAnswer& answer, std::uint64_t seed) {
  // Products longer than sums; sums longer than products.
  const std::vector<OverlapSize> sizes = {
      {{.grid = {.tp = 3}, .tokens = 10, .outputs = 7, .shard = 400}, 4},
      {{.grid = {.tp = 5}, .tokens = 7, .outputs = 9, .shard = 16}, 3},
      seeded_overlap(seed)};
  std::vector<OverlapSize> sizes_of_right = sizes;
  sizes_of_right.push_back({{.grid = {.tp = 3}, .tokens = 4, .outputs = 3, .shard = 8}, 1});
  sizes_of_right.push_back({{.grid = {.tp = 4}, .tokens = 6, .outputs = 3, .shard = 200}, 6});
  std::vector<Subject> subjects;
  for (const KnownOverlap& known : known_overlaps()) {
    Subject subject{.what = known.what, .is_right = known.is_right};
    for (const OverlapSize& size : known.is_right ? sizes_of_right : sizes)
      subject.sizes.push_back(of_size(answer, known, size));
    subjects.push_back(std::move(subject));
  }
  return try_test("overlap", subjects);
}

}  // namespace

std::unique_ptr<Graded> graded_test_overlap() {
  return make_graded(try_answer, &OverlapTestAnswer::what_is_wrong);
}

}  // namespace shardpipe
