// A job: one run of the kit that tests/pytorch holds against PyTorch, as Python wrote it down. A
// file of jobs is a JSON list of objects; every key of a job is needed, and names are the kit's.
#pragma once

#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/model/inference_pipeline.h"
#include "core/model/pipeline_decoder.h"

namespace shardpipe {

using StepBatches = std::vector<Batch>;  // the micro-batches of all data-parallel ranks

struct Job {
  explicit Job(const Json& job) : job_(job) {}

  std::string what() const { return word("what"); }
  std::string word(const char* key) const { return job_.at(key).string(); }
  double number(const char* key) const { return job_.at(key).number(); }
  std::vector<std::string> words(const char* key) const { return job_.at(key).strings(); }

  GridShape grid() const;
  DecoderConfig model() const;
  PipelineOptions pipeline() const;
  AdamWOptions adamw() const;
  InferenceOptions inference() const;
  std::vector<StepBatches> steps() const;
  std::vector<std::vector<std::int32_t>> prompts() const;

 private:
  Json job_;
};

std::vector<Job> read_jobs(const std::string& file);

}  // namespace shardpipe
