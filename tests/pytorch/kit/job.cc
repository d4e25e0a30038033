#include "tests/pytorch/kit/job.h"

#include "core/base/input_file.h"

namespace shardpipe {
namespace {

// The members of one object of a job.
class Part {
 public:
  explicit Part(const Json& part) : part_(part) {}
  int integer(const char* key) const { return static_cast<int>(part_.at(key).integer()); }
  float number(const char* key) const { return static_cast<float>(part_.at(key).number()); }
  bool is_on(const char* key) const { return integer(key) != 0; }
  const std::string& word(const char* key) const { return part_.at(key).string(); }

 private:
  const Json& part_;
};

std::vector<std::int32_t> integers(const Json& list) {
  std::vector<std::int32_t> all;
  for (const Json& number : list.elements())
    all.push_back(static_cast<std::int32_t>(number.integer()));
  return all;
}

}  // namespace

GridShape Job::grid() const {
  const Part p(job_.at("grid"));
  return {.tp = p.integer("tp"), .pp = p.integer("pp"), .dp = p.integer("dp")};
}

DecoderConfig Job::model() const {
  const Part p(job_.at("model"));
  return {.family = parse_family(p.word("family")),
          .layers = p.integer("layers"),
          .hidden = p.integer("hidden"),
          .ffn = p.integer("ffn"),
          .heads = p.integer("heads"),
          .kv_heads = p.integer("kv_heads"),
          .vocabulary = p.integer("vocabulary"),
          .sequence = p.integer("sequence"),
          .tied = p.is_on("tied"),
          .paired = p.is_on("paired"),
          .twin = {.style = parse_tp_style(p.word("style")), .chunks = p.integer("pieces")},
          .fused = p.is_on("fused"),
          .gelu = p.word("gelu") == "erf" ? GeluKind::erf : GeluKind::tanh,
          .rotary_theta = p.number("rotary_theta"),
          .norm_epsilon = p.number("norm_epsilon"),
          .dtype = p.word("dtype") == "bf16" ? DType::bf16 : DType::f32};
}

PipelineOptions Job::pipeline() const {
  const Part p(job_.at("pipeline"));
  return {.schedule = p.word("schedule"),
          .microbatches = p.integer("microbatches"),
          .chunks = p.integer("chunks"),
          .p2p = parse_p2p(p.word("p2p")),
          .group_messages = p.is_on("group_messages"),
          .scatter = p.is_on("scatter"),
          .recompute = p.is_on("recompute"),
          .gradient_sync = parse_gradient_sync(p.word("gradient_sync")),
          .bucket_bytes = p.integer("bucket_bytes")};
}

AdamWOptions Job::adamw() const {
  const Part p(job_.at("adamw"));
  return {.learning_rate = p.number("learning_rate"),
          .beta1 = p.number("beta1"),
          .beta2 = p.number("beta2"),
          .epsilon = p.number("epsilon"),
          .weight_decay = p.number("weight_decay")};
}

InferenceOptions Job::inference() const {
  const Part p(job_.at("inference"));
  return {.groups = p.integer("groups"),
          .sequences = p.integer("sequences"),
          .hide_messages = p.is_on("hide_messages"),
          .cache = p.is_on("cache")};
}

std::vector<StepBatches> Job::steps() const {
  std::vector<StepBatches> steps;
  for (const Json& step : job_.at("steps").elements()) {
    steps.emplace_back();
    for (const Json& batch : step.elements())
      steps.back().push_back({integers(batch.at("tokens")), integers(batch.at("targets"))});
  }
  return steps;
}

std::vector<std::vector<std::int32_t>> Job::prompts() const {
  std::vector<std::vector<std::int32_t>> groups;
  for (const Json& group : job_.at("prompts").elements()) groups.push_back(integers(group));
  return groups;
}

std::vector<Job> read_jobs(const std::string& file) {
  InputFile input(file, {.what = "a file of jobs", .most_bytes = kGiB});
  std::string why;
  const auto document = parse_json(input.all(), &why);
  if (!document) usage_error(text(file, ": ", why));
  std::vector<Job> jobs;
  for (const Json& job : document->elements()) jobs.emplace_back(job);
  return jobs;
}

}  // namespace shardpipe
