#include "exercises/day03_block/day03_grouped_heads.h"
#include "labs/answers.h"
#include "labs/day03_block/answered_attention.h"

namespace shardpipe {

AnsweredParts parts_of_grouped_heads() {
  const auto answer = load_answer<GroupedHeadsAnswer>("day03_grouped_heads");
  return {.parts = given_attention(
              {.context = answer.grouped_context, .kv_gradients = answer.kv_gradients}),
          .ranks_of_kv_head = answer.ranks_of_kv_head,
          .sum_copies = answer.sum_copies};
}

}  // namespace shardpipe
