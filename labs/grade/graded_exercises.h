// All exercises that are graded by running them, one function each.
#pragma once

#include <memory>
#include <string>

#include "labs/grade/graded.h"

namespace shardpipe {

const Graded& graded_exercise(const std::string& id);  // Error(fault) if it is not listed

std::unique_ptr<Graded> graded_exchange();
std::unique_ptr<Graded> graded_reduce_scatter();
std::unique_ptr<Graded> graded_all_gather();
std::unique_ptr<Graded> graded_all_reduce();
std::unique_ptr<Graded> graded_recursive_doubling();
std::unique_ptr<Graded> graded_groups();
std::unique_ptr<Graded> graded_all_send_first();
std::unique_ptr<Graded> graded_blocking_send();
std::unique_ptr<Graded> graded_world_group();
std::unique_ptr<Graded> graded_1f1b();
std::unique_ptr<Graded> graded_test_1f1b();

std::unique_ptr<Graded> graded_column_forward();
std::unique_ptr<Graded> graded_row_forward();
std::unique_ptr<Graded> graded_bias_t_times();
std::unique_ptr<Graded> graded_bias_on_one_rank();
std::unique_ptr<Graded> graded_whole_input();
std::unique_ptr<Graded> graded_edges();
std::unique_ptr<Graded> graded_mlp();

std::unique_ptr<Graded> graded_overlap();
std::unique_ptr<Graded> graded_dx_under_dw();
std::unique_ptr<Graded> graded_wait_too_early();
std::unique_ptr<Graded> graded_missing_wait();
std::unique_ptr<Graded> graded_test_overlap();
std::unique_ptr<Graded> graded_bucketing();
std::unique_ptr<Graded> graded_sequence_block();
std::unique_ptr<Graded> graded_norm_gradients();
std::unique_ptr<Graded> graded_ring_matmul();
std::unique_ptr<Graded> graded_dependent_layers();

std::unique_ptr<Graded> graded_qkv_layout();
std::unique_ptr<Graded> graded_attention_forward();
std::unique_ptr<Graded> graded_attention_backward();
std::unique_ptr<Graded> graded_grouped_heads();
std::unique_ptr<Graded> graded_contiguous_qkv();
std::unique_ptr<Graded> graded_embedding();
std::unique_ptr<Graded> graded_cross_entropy();
std::unique_ptr<Graded> graded_block();
std::unique_ptr<Graded> graded_local_maximum();

}  // namespace shardpipe
