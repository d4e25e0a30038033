// Text generated with a key/value cache on every grid equals that of one rank which recomputes
// every position for each token, with the layers of training. Under RoundingKernels sums are exact,
// so logits are equal to the bit; equal logits are common there, and the lowest token must win.
#include <set>

#include "tests/support/catch.h"
#include "tests/support/exact_inference.h"

namespace shardpipe {
namespace {

// Only the ranks of the two ends know the tokens, and all of them know all groups.
std::string who_knows(const InferenceCase& c, const TpRun& run) {
  for (int rank = 0; rank < c.grid.ranks(); ++rank) {
    const int stage = rank / c.grid.tp;
    const bool is_end = stage == 0 || stage == c.grid.pp - 1;
    const std::size_t held = run.ranks[static_cast<std::size_t>(rank)].size();
    if (held != (is_end ? static_cast<std::size_t>(c.options.groups) : 0))
      return text("rank ", rank, " holds ", held, " groups");
  }
  return "";
}

}  // namespace

TEST_CASE("every grid with a cache generates what one rank without a cache does") {
  for (const Family family : {Family::gpt2, Family::llama})
    for (const Index kv_heads : {1, 2, 4})
      for (const int groups : {1, 2, 4, 8}) {
        InferenceCase c = {.config = small_model(family, kv_heads),
                           .options = {.groups = groups, .sequences = 2}};
        const HostTensors want = recomputed(c);
        for (const int tp : {1, 2, 4})
          for (const int pp : {1, 2, 4}) {
            if (groups != 1 && groups != pp && groups != 2 * pp) continue;
            c.grid = {.tp = tp, .pp = pp};
            c.options.hide_messages = groups == 2 * pp;
            INFO(to_string(c));
            const TpRun got = run_exact(c);
            CHECK(first_difference(got, want) == "");
            CHECK(who_knows(c, got) == "");
          }
      }
}

TEST_CASE("the tokens compared are not all the same") {
  for (const Family family : {Family::gpt2, Family::llama}) {
    const InferenceCase c = {.config = small_model(family, 2),
                             .options = {.groups = 8, .sequences = 2}};
    std::set<float> chosen;
    std::set<std::vector<float>> sequences;
    for (const auto& [name, tensor] : recomputed(c)) {
      sequences.insert(tensor.values);
      const Index columns = tensor.shape[1];
      for (std::size_t i = 0; i < tensor.values.size(); ++i)
        if (static_cast<Index>(i) % columns >= columns - c.tokens) chosen.insert(tensor.values[i]);
    }
    INFO(name_of(family));
    CHECK(chosen.size() >= 5);
    CHECK(sequences.size() == 8);
  }
}

}  // namespace shardpipe
