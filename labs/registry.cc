// The one list of labs.
#include "labs/lab.h"

namespace shardpipe {

const std::vector<Lab>& all_labs() {
  static const std::vector<Lab> labs = {comm_algorithms_lab(),
                                        tp_linear_lab(),
                                        tp_mlp_lab(),
                                        tp_attention_lab(),
                                        tp_block_lab(),
                                        tp_train_lab(),
                                        comm_progress_lab(),
                                        tp_overlap_lab(),
                                        tp_fusion_lab(),
                                        tp_sequence_parallel_lab(),
                                        tp_collective_matmul_lab(),
                                        tp_parallel_block_lab(),
                                        pp_microbatch_lab(),
                                        pp_recompute_lab(),
                                        pp_schedules_lab(),
                                        pp_latency_lab(),
                                        pp_memory_lab(),
                                        hybrid_grid_lab(),
                                        hybrid_train_lab(),
                                        pp_inference_lab()};
  return labs;
}

const Lab& find_lab(const std::string& name) {
  std::string names;
  for (const Lab& lab : all_labs()) {
    if (lab.name == name) return lab;
    names += (names.empty() ? "" : ", ") + lab.name;
  }
  usage_error(text("there is no lab '", name, "' (labs: ", names, ")"));
}

const std::string& LabOptions::toggle(const std::string& name) const {
  const auto found = toggles.find(name);
  if (found == toggles.end()) fail(ExitCode::fault, text("the lab has no toggle ", name));
  return found->second;
}

}  // namespace shardpipe
