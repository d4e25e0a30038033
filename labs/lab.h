// A Lab: one technique with its toggles, run naive or optimised on any backend, and what came out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/one_file.h"
#include "core/base/output_file.h"
#include "core/launch/launch.h"
#include "core/model/host_tensors.h"
#include "labs/parts_of_step.h"

namespace shardpipe {

// Shape flags; what is not given takes the lab's default for the device.
struct ShapeFlags {
  std::optional<Index> layers = {}, hidden = {}, ffn = {}, heads = {}, kv_heads = {}, vocab = {},
                       seq = {}, batch = {};
  std::optional<int> microbatches = {};  // pipeline labs
};

struct LabShape {  // a complete shape
  Index layers = 1, hidden = 1, ffn = 1, heads = 1, kv_heads = 1, vocab = 256, seq = 1, batch = 1;
  Index tokens() const { return seq * batch; }
};

struct LabOptions {
  std::string device = "cpu";       // cpu, mpi, cuda, modelled
  std::string hardware = "8xH100";  // profile, for modelled
  std::string link = {};            // cpu, mpi: profile whose links the ranks talk over
  GridShape grid = {.tp = 2};
  std::string order = "tp-dp-pp";
  std::string technique = "paired";  // or naive
  std::string answer = {};           // the exercise that --technique mine stands for
  ShapeFlags shape = {};
  std::optional<int> steps = {};
  std::uint64_t seed = 1;
  double time_limit_s = 10;
  std::shared_ptr<OutputFile> trace = {};  // what was recorded, also of a run that fails
  bool is_live = false;                    // cpu: `trace` is written again and again meanwhile
  std::shared_ptr<OutputFile> save = {};   // the run as it is afterwards (training_files.h)
  bool weights_only = false;               // of the file that --load names
  bool check = true;                       // compare with one rank, where there are numbers
  bool asks_work = false;                  // fill in LabResult::work_once
  std::map<std::string, std::string> toggles = {};  // the lab's own flags

  bool paired() const { return technique == "paired"; }
  const std::string& toggle(const std::string& name) const;  // its value or default
  bool on(const std::string& name) const { return toggle(name) == "on"; }
};

// What was compared, and the number of it that is closest to its bound.
struct ComparedResult {
  std::string what = {};             // "26 tensors", "the losses of the first 3 steps"
  std::string where = {};            // the tensor's name, or the step
  double difference = 0, bound = 0;  // over `scale`
  double scale = 0;                  // the largest magnitude of its kind
  double of_bound() const;           // infinite for what must not differ at all
};

// Whether the ranks computed what one rank computes (labs/verdict.h).
struct Check {
  std::string against = "one rank, on every rank";
  bool bitwise = false;
  std::vector<ComparedResult> compared = {};
  std::int64_t missing = 0;              // numbers of one rank's that no rank has
  bool diverged = false;                 // a loss is no number, on one rank neither
  std::vector<double> loss_bounds = {};  // absolute, of the first steps; empty: no losses
  bool passed() const;
};

// A sweep that a lab prints below its run.
struct LabTable {
  std::string title = {};
  std::vector<std::string> columns = {};
  std::vector<std::vector<std::string>> rows = {};
  bool is_of_run = false;  // it belongs to this run, and not to the lab: `compare` shows it, too
};

struct LabResult {
  std::string lab = {};
  LabOptions options = {};
  LabShape shape = {};
  DType dtype = DType::f32;
  int steps = 0;
  RunReport report = {};
  std::vector<double> loss = {};
  std::optional<Check> check = {};
  std::vector<int> peak_in_flight = {};  // by rank; empty: 1 everywhere
  int microbatches = 0;                  // m of a data-parallel rank; 0: no pipeline that trains
  std::vector<int> stage_layers = {};    // blocks of each stage; empty: no pipeline
  std::vector<LabTable> tables = {};
  bool tables_first = false;  // they are what the lab is about: the run's figures come below
  WorkByName work_once = {};  // of one rank in a step; empty unless it was asked for
  // Why options.save could not be written. Otherwise it has been, and takes its name when somebody
  // commits it.
  std::optional<Error> unsaved = {};
  // Reckoned before the run (labs/limits.h); 0: it was not. Of all ranks the most bytes of tensors
  // and the most operations of a step; all that this process needs.
  double bound_bytes = 0, bound_operations = 0, needed_bytes = 0;
};

enum class FileUse : std::uint8_t { none, read };

struct Toggle {
  std::string name = {};                 // the flag is --name
  std::vector<std::string> values = {};  // allowed; empty: any text
  std::string default_value = {};
  std::string help = {};
  FileUse file = FileUse::none;  // the value names one
};

struct Lab {
  std::string name = {};
  int day = 0;
  std::string summary = {};
  std::vector<Toggle> toggles = {};
  std::vector<std::string> techniques = {"naive", "paired"};
  std::string technique = "paired";  // the default
  GridShape grid = {.tp = 2};        // likewise
  bool has_pipeline = false;         // takes --pp, --dp and --microbatches
  bool has_stages = false;           // takes --pp only
  bool needs_processes = false;      // shows what MPI does: runs on mpi only
  bool has_weights = false;          // takes --save and --weights-only
  std::string example = "--technique naive --tp 4 --device modelled";
  std::function<LabResult(const LabOptions&)> run = {};
};

// All labs, in the order of the course.
const std::vector<Lab>& all_labs();
// Usage error that lists the names if there is none.
const Lab& find_lab(const std::string& name);

Lab comm_algorithms_lab();
Lab tp_linear_lab();
Lab tp_mlp_lab();
Lab tp_attention_lab();
Lab tp_block_lab();
Lab tp_train_lab();
Lab comm_progress_lab();
Lab tp_overlap_lab();
Lab tp_fusion_lab();
Lab tp_sequence_parallel_lab();
Lab tp_collective_matmul_lab();
Lab tp_parallel_block_lab();
Lab pp_microbatch_lab();
Lab pp_recompute_lab();
Lab pp_schedules_lab();
Lab pp_latency_lab();
Lab pp_memory_lab();
Lab hybrid_grid_lab();
Lab hybrid_train_lab();
Lab pp_inference_lab();

}  // namespace shardpipe
