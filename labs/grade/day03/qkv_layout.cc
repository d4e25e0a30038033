// How day03_qkv_layout is graded: by values.
#include "exercises/day03_block/day03_qkv_layout.h"

#include "core/base/random.h"
#include "labs/grade/day03/qkv_rows.h"
#include "labs/grade/graded_exercises.h"
#include "labs/grade/guard.h"

namespace shardpipe {
namespace {

using Rows = std::vector<Index>;

// One list that an answer gives, and the right one.
struct Asked {
  std::string name = {};  // "rank 1 of t=3, H=6, K=6, C=2"
  int rank = -1;
  std::function<Rows()> answer = {};
  Rows right = {};
  std::function<std::string(Index)> words = {};  // of a number in it
};

// false: it was wrong.
bool ask(Trial& trial, const Asked& asked, Rows& got) {
  ++trial.checks;
  const auto wrong = [&](ExitCode code, const std::string& said) {
    if (trial.code == ExitCode::success) trial.code = code;
    trial.findings.push_back({.said = said + " (" + asked.name + ")"});
    return false;
  };
  try {
    const Guarded guarded("checker", asked.name, asked.rank);
    got = asked.answer();
  } catch (const Error& e) {
    trial.not_written = trial.not_written || e.code() == ExitCode::not_written;
    return wrong(e.code(), e.what());
  } catch (const std::exception& e) {
    return wrong(ExitCode::crash, text("an exception: ", e.what()));
  }
  trial.signature += asked.name + ":";
  for (const Index row : got) trial.signature += text(" ", row);
  trial.signature += "\n";
  if (got.size() != asked.right.size())
    return wrong(ExitCode::success,
                 text("there are ", got.size(), " numbers, want ", asked.right.size()));
  for (std::size_t i = 0; i < got.size(); ++i)
    if (got[i] != asked.right[i])
      return wrong(ExitCode::success, text("number ", i, " is ", asked.words(got[i]), "; want ",
                                           asked.words(asked.right[i])));
  return true;
}

void try_rows(Trial& trial, const QkvLayoutAnswer& answer, const QkvSizes& sizes) {
  for (Index rank = 0; rank < sizes.ranks; ++rank) {
    Rows got;
    const Rows right = right_rows_of_rank(sizes, rank);
    if (ask(trial,
            {.name = text("rank ", rank, " of ", words_of(sizes)),
             .rank = static_cast<int>(rank),
             .answer = [&] { return answer.rows_of_rank(sizes, rank); },
             .right = right,
             .words = [&](Index row) { return words_of_row(sizes, row); }},
            got) ||
        got.empty())
      continue;
    trial.findings.back().picture = {"yours  " + heads_in(sizes, got),
                                     "right  " + heads_in(sizes, right)};
  }
}

void try_places(Trial& trial, const QkvLayoutAnswer& answer, const QkvSizes& sizes) {
  std::vector<Rows> held;
  for (Index rank = 0; rank < sizes.ranks; ++rank) held.push_back(right_rows_of_rank(sizes, rank));
  const auto each = static_cast<Index>(held[0].size());
  Rows got;
  ask(trial,
      {.name = words_of(sizes),
       .answer = [&] { return answer.places_of_rows(held, rows_of_all(sizes)); },
       .right = right_places_of_rows(sizes),
       .words =
           [=](Index place) {
             return text("place ", place, ", row ", place % each, " of rank ", place / each);
           }},
      got);
}

Trial try_answer(const QkvLayoutAnswer& answer, std::uint64_t seed) {
  std::vector<QkvSizes> all = {
      {.heads = 6, .kv_heads = 6, .head_size = 2, .ranks = 3},
      {.heads = 12, .kv_heads = 6, .head_size = 3, .ranks = 3},  // two key/value heads a rank
      {.heads = 12, .kv_heads = 2, .head_size = 2, .ranks = 6},  // three ranks a key/value head
      {.heads = 5, .kv_heads = 1, .head_size = 3, .ranks = 5},
      {.heads = 4, .kv_heads = 2, .head_size = 1, .ranks = 1}};
  const auto below = [&](std::uint64_t index, Index limit) {
    return static_cast<Index>(random_bits(seed, 0, index) % static_cast<std::uint64_t>(limit));
  };
  const Index t = 2 + below(0, 4), k = 1 + below(1, 3), g = 1 + below(2, 3), C = 1 + below(3, 4);
  all.push_back({.heads = t * k * g, .kv_heads = t * k, .head_size = C, .ranks = t});
  all.push_back({.heads = k * t * g, .kv_heads = k, .head_size = C, .ranks = k * t});
  Trial trial;
  for (const QkvSizes& sizes : all) {
    try_rows(trial, answer, sizes);
    try_places(trial, answer, sizes);
  }
  return trial;
}

}  // namespace

std::unique_ptr<Graded> graded_qkv_layout() {
  return make_graded(try_answer, &QkvLayoutAnswer::rows_of_rank, &QkvLayoutAnswer::places_of_rows);
}

}  // namespace shardpipe
