// pytorch_kit: does the jobs of a file, on the cpu backend, one after the other. What a job made
// becomes the safetensors file that it names; a job that ends in an error says so, and the next
// follows. Started by tests/pytorch/run.sh.
#include "core/base/run_main.h"
#include "core/launch/launch.h"
#include "core/model/clip.h"
#include "core/model/optimizer.h"
#include "tests/pytorch/kit/job.h"
#include "tests/pytorch/kit/pieces.h"

namespace shardpipe {
namespace {

PipelineDecoder make_model(const Job& job, RankContext& ctx) {
  return {ctx, job.model(), static_cast<Index>(job.number("tokens")), job.pipeline()};
}

// One step: the mean loss, and the gradients of every rank.
void gradients(const Job& job, RankContext& ctx, const Fill& weights, Pieces& made) {
  PipelineDecoder model = make_model(job, ctx);
  model.fill(ctx, weights);
  const auto losses = model.forward_backward(job.steps().at(0), ctx);
  const Tensor loss = model.mean_loss(losses, ctx);
  made.add(text("loss/", ctx.rank), ctx.math.to_host(loss, ctx.compute));
  made.add(ctx, gradient_shards(model.parameters()));
}

// All steps: their losses.
void training(const Job& job, RankContext& ctx, const Fill& weights, Pieces& made) {
  PipelineDecoder model = make_model(job, ctx);
  model.fill(ctx, weights);
  AdamW optimizer(ctx, model.parameters(), job.adamw());
  const auto max_norm = static_cast<float>(job.number("max_norm"));
  std::vector<float> losses;
  for (const StepBatches& step : job.steps()) {
    const Tensor loss = model.mean_loss(model.forward_backward(step, ctx), ctx);
    losses.push_back(ctx.math.to_host(loss, ctx.compute).at(0));
    if (max_norm > 0) clip_by_global_norm(ctx, model.parameters(), max_norm);
    optimizer.step(ctx);
  }
  made.add(text("loss/", ctx.rank), losses);
}

// Clipping and AdamW alone, of gradients that are given. Of each step the squared norm, the clipped
// gradients, and then the weights and AdamW's states.
void optimizer_steps(const Job& job, RankContext& ctx, const Fill& weights, Pieces& made) {
  PipelineDecoder model = make_model(job, ctx);
  const std::vector<Parameter*> parameters = model.parameters();
  model.fill(ctx, weights);
  AdamW optimizer(ctx, parameters, job.adamw());
  const auto max_norm = static_cast<float>(job.number("max_norm"));
  int number = 0;
  for (const std::string& file : job.words("gradients")) {
    const FileTensors given = read_tensors(file);
    const std::string step = text("step", number++, "/");
    fill_gradients(ctx, parameters, fill_from(given, file));
    const Tensor squared = clip_by_global_norm(ctx, parameters, max_norm);
    made.add(text(step, "squared/", ctx.rank), ctx.math.to_host(squared, ctx.compute));
    made.add(ctx, gradient_shards(parameters), step + "gradient/");
    optimizer.step(ctx);
    made.add(ctx, weight_shards(parameters), step + "weight/");
    made.add(ctx, optimizer_shards(optimizer), step + "state/");
  }
}

// The tokens of every rank that knows them.
void generation(const Job& job, RankContext& ctx, const Fill& weights, Pieces& made) {
  InferencePipeline model(ctx, job.model(), job.inference());
  model.fill(ctx, weights);
  const int count = static_cast<int>(job.number("new"));
  int group = 0;
  for (const Tensor& sequences : model.generate(job.prompts(), count, ctx)) {
    const std::string name = text(ctx.rank, "/group", group++);
    if (sequences.empty()) continue;
    const auto tokens = ctx.math.to_host_integers(sequences, ctx.compute);
    made.add(name, {tokens.begin(), tokens.end()});
  }
}

// What every rank has loaded of a checkpoint.
void loading(const Job& job, RankContext& ctx, const Fill&, Pieces& made) {
  PipelineDecoder model = make_model(job, ctx);
  SafetensorsFile file(job.word("weights"));
  read_checkpoint(ctx, file, weight_shards(model.parameters()));
  made.add(ctx, weight_shards(model.parameters()));
}

// A checkpoint of the weights.
void saving(const Job& job, RankContext& ctx, const Fill& weights, Pieces&) {
  PipelineDecoder model = make_model(job, ctx);
  model.fill(ctx, weights);
  OutputFile out(job.word("out"));
  const auto failed = write_checkpoint(ctx, out, checkpoint_metadata(job.model(), {.step = 3}),
                                       weight_shards(model.parameters()));
  if (failed) throw *failed;
  if (ctx.rank == 0) out.commit();
}

using Work = void (*)(const Job&, RankContext&, const Fill& weights, Pieces& made);

Work work_of(const std::string& what) {
  const std::map<std::string, Work> all = {
      {"gradients", gradients},   {"training", training}, {"optimizer", optimizer_steps},
      {"generation", generation}, {"loading", loading},   {"saving", saving}};
  const auto found = all.find(what);
  if (found == all.end()) usage_error(text("there is no job '", what, "'"));
  return found->second;
}

void do_job(const Job& job) {
  const std::string file = job.word("weights");
  const FileTensors weights = read_tensors(file);
  if (job.what() == "copy") return write_tensors(job.word("out"), weights);
  const Work work = work_of(job.what());
  const Fill fill = fill_from(weights, file);
  Pieces made;
  run_on_cpu({.grid = job.grid(), .record_trace = false},
             [&](RankContext& ctx) { work(job, ctx, fill, made); });
  if (job.what() != "saving") write_tensors(job.word("out"), made.tensors());
}

int run_all(const std::vector<Job>& jobs) {
  int failed = 0;
  for (std::size_t i = 0; i < jobs.size(); ++i) try {
      do_job(jobs[i]);
    } catch (const Error& error) {
      say_bare(text("job ", i, ": ", error.what()));
      ++failed;
    }
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace shardpipe

int main(int argc, char** argv) {
  using namespace shardpipe;
  return run_main([&] {
    if (argc != 2) usage_error("usage: pytorch_kit JOBS.json");
    return run_all(read_jobs(argv[1]));
  });
}
