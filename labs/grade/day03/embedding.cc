// How day03_embedding is graded.
#include "exercises/day03_block/day03_embedding.h"

#include "core/base/random.h"
#include "labs/grade/budgets.h"
#include "labs/grade/day03/rows.h"
#include "labs/grade/graded_exercises.h"
#include "labs/grade/groups.h"
#include "labs/grade/oracle.h"

namespace shardpipe {
namespace {

constexpr Index T = 8, D = 3;
// Sizes that region 1 is asked for on each rank, beside the one of the case. 1: all ranks but one
// hold nothing but padding.
constexpr Index kVocabularies[] = {1, 12, 13, 14, 15, 256, 50257};

// Neither a multiple of t. On five ranks the last begins behind the last word.
Index vocabulary_of(const GridShape& grid) { return grid.tp == 3 ? 10 : 11; }

// Whole, of one tensor-parallel group.
struct EmbeddingNumbers {
  Table table, dy, earlier;  // [V',D] [T,D] [V',D]
  std::vector<std::int32_t> tokens = {};
};

// Seven words, of every rank that has any, and the first once more.
std::vector<std::int32_t> tokens_of(Index V, std::uint64_t seed, int group) {
  const auto first = static_cast<Index>(random_bits(seed, 78, static_cast<std::uint64_t>(group)) %
                                        static_cast<std::uint64_t>(V));
  std::vector<std::int32_t> tokens;
  for (Index i = 0; i + 1 < T; ++i)
    tokens.push_back(static_cast<std::int32_t>((first + 3 * i) % V));
  tokens.push_back(tokens[0]);
  return tokens;
}

// who: the rows of rank r of the world are 8^r, and dy of token i is 8^i. where: places.
EmbeddingNumbers numbers_of(Data data, std::uint64_t seed, const GridShape& grid, int group) {
  const Index V = vocabulary_of(grid), count = rows_of(V, 0, grid.tp).count;
  const auto place = [](Index i, Index j) { return static_cast<double>(i * D + j + 1); };
  const auto random = [=](int tensor) {
    return [=](Index i, Index j) { return number_of(data, seed, 10 * group + tensor, i * D + j); };
  };
  std::function<double(Index, Index)> table = random(0), dy = random(1), earlier = random(2);
  if (data == Data::who) {
    table = [=](Index v, Index) { return digit(grid, group, v / count); };
    dy = [](Index i, Index) { return number_of(Data::who, 0, static_cast<int>(i), 0); };
    earlier = [](Index, Index) { return 0; };
  }
  if (data == Data::where) table = dy = earlier = place;
  const Index padded = grid.tp * count;
  return {{padded, D, table}, {T, D, dy}, {padded, D, earlier}, tokens_of(V, seed, group)};
}

std::vector<VocabularyRows> asked_of(const EmbeddingAnswer& answer, Index V, int rank, int t) {
  std::vector<VocabularyRows> all = {answer.words_of_rank(V, rank, t)};
  for (const Index other : kVocabularies) all.push_back(answer.words_of_rank(other, rank, t));
  return all;
}

Table table_of(const std::vector<VocabularyRows>& all) {
  return {static_cast<Index>(all.size()), 3, [&](Index i, Index j) {
            const VocabularyRows& rows = all[static_cast<std::size_t>(i)];
            return static_cast<double>(j == 0 ? rows.first : j == 1 ? rows.count : rows.valid);
          }};
}

HeldTensors run(const EmbeddingAnswer& answer, const EmbeddingNumbers& all, Index V,
                RankContext& ctx) {
  const int rank = ctx.tp.rank(), t = ctx.tp.size();
  const VocabularyRows rows = rows_of(V, rank, t);
  const Table words = table_of(asked_of(answer, V, rank, t));
  const Tensor asked = upload(words, all_of(words), ctx);
  const Tensor table = upload(all.table, rows_part(all.table, rank, t), ctx);
  const Tensor dtable = upload(all.earlier, rows_part(all.earlier, rank, t), ctx);
  const Tensor dy = upload(all.dy, all_of(all.dy), ctx);
  const Tensor tokens(ctx.device, {T}, DType::i32), y(ctx.device, {T, D});
  ctx.math.upload(tokens, all.tokens, ctx.compute);
  ctx.begin_window();
  touch({table}, ctx);
  {
    const auto scope = ctx.scope({.phase = Phase::forward});
    answer.embed(y, tokens, table, rows, ctx);
  }
  touch({y, dy}, ctx);
  {
    const auto scope = ctx.scope({.phase = Phase::backward_weight});
    answer.embed_backward(dtable, dy, tokens, rows, ctx);
  }
  touch({dtable}, ctx);
  ctx.end_window();
  return {{"words", asked}, {"y", y}, {"dtable", dtable}, {"table", table}, {"dy", dy}};
}

std::map<std::string, Wanted64> want(const EmbeddingNumbers& all, Index V, int rank, int t,
                                     bool exact) {
  Table y(T, D), dtable = all.earlier;
  for (Index i = 0; i < T; ++i)
    for (Index j = 0; j < D; ++j) {
      const Index word = all.tokens[static_cast<std::size_t>(i)];
      y(i, j) = all.table(word, j);
      dtable(word, j) = dtable(word, j) + all.dy(i, j);
    }
  std::vector<VocabularyRows> words = {rows_of(V, rank, t)};
  for (const Index other : kVocabularies) words.push_back(rows_of(other, rank, t));
  const Table asked = table_of(words);
  return {{"words", wanted(asked, all_of(asked), 0)},
          {"y", wanted(y, all_of(y), 0)},  // a row and zeros: exact
          {"dtable", wanted(dtable, rows_part(dtable, rank, t), exact ? 0 : T)},
          {"table", wanted(all.table, rows_part(all.table, rank, t), 0)},
          {"dy", wanted(all.dy, all_of(all.dy), 0)}};
}

std::vector<Budget> budgets(Index count, Index asked) {
  const Collectives sums{.kind = OpKind::all_reduce, .axis = "tp"};
  const Collectives forward{.kind = sums.kind, .axis = "tp", .phase = Phase::forward};
  const Collectives backward{.kind = sums.kind, .axis = "tp", .phase = Phase::backward_weight};
  const Index given = 3 * asked + 2 * count * D + 2 * T * D + T;
  return {calls_of(forward, 1), bytes_of(forward, 4 * T * D), calls_of(backward, 0),
          no_calls_but(sums), bytes_held([=](int) { return 4.0 * static_cast<double>(given); })};
}

// Which of its three numbers is wrong, and for what; which ranks y is made of, or which tokens.
std::string explain(Data data, const EmbeddingNumbers& all, const GridShape& grid, int rank,
                    const std::string& name, std::size_t i, double got) {
  const Index V = vocabulary_of(grid), count = all.table.rows / grid.tp;
  if (name == "words") {
    const char* const parts[] = {"first", "count", "valid"};
    const Index words = i < 3 ? V : kVocabularies[i / 3 - 1];
    return text("that is ", parts[i % 3], " of rank ", rank % grid.tp, " of ", grid.tp,
                ", V=", words);
  }
  if (data != Data::who) return "";
  std::vector<Term> terms;
  if (name == "y")
    for (int r = 0; r < grid.ranks(); ++r)
      terms.push_back(
          {text("rank ", r),
           r == rank / grid.tp * grid.tp + all.tokens[i / static_cast<std::size_t>(D)] / count});
  const Index word = rank % grid.tp * count + static_cast<Index>(i) / D;
  if (name == "dtable")
    for (std::size_t token = 0; token < all.tokens.size(); ++token)
      terms.push_back({text("token ", token), all.tokens[token] == word});
  return terms.empty() ? "" : terms_in(got, terms);
}

DeviceCase make_case(const EmbeddingAnswer& answer, Data data, std::uint64_t seed, GridShape grid) {
  const Index V = vocabulary_of(grid);
  const auto numbers = [=](int rank) { return numbers_of(data, seed, grid, rank / grid.tp); };
  const char* const who = "rows of rank r are 8^r, dy of token i is 8^i";
  return {
      .name = text(words_of(grid), ", V=", V, ", ", data == Data::who ? who : words_of(data)),
      .grid = grid,
      .program = [=](RankContext& ctx) { return run(answer, numbers(ctx.rank), V, ctx); },
      .want =
          [=](int rank) { return want(numbers(rank), V, rank % grid.tp, grid.tp, is_exact(data)); },
      .budgets = budgets(rows_of(V, 0, grid.tp).count, 1 + std::size(kVocabularies)),
      .explain =
          [=](int rank, const std::string& name, std::size_t i, double got) {
            return explain(data, numbers(rank), grid, rank, name, i, got);
          }};
}

std::vector<DeviceCase> cases_of(const EmbeddingAnswer& answer, std::uint64_t seed) {
  return cases_on(usual_grids(), [&](Data data, const GridShape& grid) {
    return make_case(answer, data, seed, grid);
  });
}

}  // namespace

std::unique_ptr<Graded> graded_embedding() {
  return make_graded(cases_of, &EmbeddingAnswer::words_of_rank, &EmbeddingAnswer::embed,
                     &EmbeddingAnswer::embed_backward);
}

}  // namespace shardpipe
