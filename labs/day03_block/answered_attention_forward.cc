#include "exercises/day03_block/day03_attention_forward.h"
#include "labs/answers.h"
#include "labs/day03_block/answered_attention.h"

namespace shardpipe {

AnsweredParts parts_of_attention_forward() {
  const auto answer = load_answer<AttentionForwardAnswer>("day03_attention_forward");
  AttentionParts parts = given_attention();
  parts.project_heads = answer.project_heads;
  parts.attend = answer.attend;
  return {.parts = parts};
}

}  // namespace shardpipe
