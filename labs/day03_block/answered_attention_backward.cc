#include "exercises/day03_block/day03_attention_backward.h"
#include "labs/answers.h"
#include "labs/day03_block/answered_attention.h"

namespace shardpipe {

AnsweredParts parts_of_attention_backward() {
  const auto answer = load_answer<AttentionBackwardAnswer>("day03_attention_backward");
  AttentionParts parts = given_attention();
  parts.heads_backward = answer.heads_backward;
  parts.projection_backward = answer.projection_backward;
  return {.parts = parts};
}

}  // namespace shardpipe
