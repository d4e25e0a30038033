// The ways to generate that differ in work, messages and memory, and not in tokens.
#include "tests/support/catch.h"
#include "tests/support/exact_inference.h"

namespace shardpipe {

TEST_CASE("the naive twins generate the same: no cache, everything gathered, lag 1 and 2") {
  for (const Family family : {Family::gpt2, Family::llama})
    for (const bool cache : {false, true})
      for (const bool paired : {false, true})
        for (const bool hide : {false, true}) {
          InferenceCase c = {
              .config = small_model(family, 2),
              .grid = {.tp = 2, .pp = 2},
              .options = {.groups = 3, .sequences = 2, .hide_messages = hide, .cache = cache}};
          c.config.paired = paired;
          INFO(to_string(c));
          CHECK(first_difference(run_exact(c), recomputed(c)) == "");
        }
}

}  // namespace shardpipe
