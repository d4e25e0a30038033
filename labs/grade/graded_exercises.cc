#include "labs/grade/graded_exercises.h"

#include <map>

namespace shardpipe {

const Graded& graded_exercise(const std::string& id) {
  using Make = std::unique_ptr<Graded> (*)();
  static const std::map<std::string, Make> all = {
      {"day01_exchange", graded_exchange},
      {"day01_reduce_scatter", graded_reduce_scatter},
      {"day01_all_gather", graded_all_gather},
      {"day01_all_reduce", graded_all_reduce},
      {"day01_recursive_doubling", graded_recursive_doubling},
      {"day01_groups", graded_groups},
      {"day01_all_send_first", graded_all_send_first},
      {"day01_blocking_send", graded_blocking_send},
      {"day01_world_group", graded_world_group},
      {"day02_column_forward", graded_column_forward},
      {"day02_row_forward", graded_row_forward},
      {"day02_bias_t_times", graded_bias_t_times},
      {"day02_bias_on_one_rank", graded_bias_on_one_rank},
      {"day02_whole_input", graded_whole_input},
      {"day02_edges", graded_edges},
      {"day02_mlp", graded_mlp},
      {"day03_qkv_layout", graded_qkv_layout},
      {"day03_attention_forward", graded_attention_forward},
      {"day03_attention_backward", graded_attention_backward},
      {"day03_grouped_heads", graded_grouped_heads},
      {"day03_contiguous_qkv", graded_contiguous_qkv},
      {"day03_embedding", graded_embedding},
      {"day03_cross_entropy", graded_cross_entropy},
      {"day03_block", graded_block},
      {"day03_local_maximum", graded_local_maximum},
      {"day04_overlap", graded_overlap},
      {"day04_dx_under_dw", graded_dx_under_dw},
      {"day04_wait_too_early", graded_wait_too_early},
      {"day04_missing_wait", graded_missing_wait},
      {"day04_test_overlap", graded_test_overlap},
      {"day04_bucketing", graded_bucketing},
      {"day04_sequence_block", graded_sequence_block},
      {"day04_norm_gradients", graded_norm_gradients},
      {"day04_ring_matmul", graded_ring_matmul},
      {"day04_dependent_layers", graded_dependent_layers},
      {"day06_1f1b", graded_1f1b},
      {"day06_test_1f1b", graded_test_1f1b},
  };
  const auto found = all.find(id);
  if (found == all.end()) fail(ExitCode::fault, text(id, " has no grader"));
  static const std::unique_ptr<Graded> graded = found->second();  // a process grades one
  return *graded;
}

}  // namespace shardpipe
