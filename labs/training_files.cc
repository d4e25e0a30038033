#include "labs/training_files.h"

#include <algorithm>

#include "labs/model_flags.h"

namespace shardpipe {
namespace {

// All that is left of a few, the first of many.
std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 12;
  std::string words;
  for (std::size_t i = 0; i < std::min(kMost, names.size()); ++i)
    words += (i == 0 ? "" : ", ") + names[i];
  return names.size() <= kMost ? words
                               : text(words, " and ", names.size() - kMost, " tensors more");
}

// What a run may change when it goes on, and should know that it does.
Metadata options_of(const LabOptions& o, Index batch) {
  Metadata options = {{"batch", text(batch)}};
  for (const char* name :
       {"learning-rate", "warmup", "decay-steps", "weight-decay", "optimizer-recipe", "clip"})
    if (const auto given = o.toggles.find(name); given != o.toggles.end())
      options[name] = given->second;
  return options;
}

}  // namespace

Toggle load_toggle() {
  return {"load", {}, "", "go on from this safetensors file, which --save wrote", FileUse::read};
}

TrainingFiles::TrainingFiles(const LabOptions& options, const DecoderConfig& config,
                             TextBatches& batches)
    : options_(options), config_(config), batches_(batches), begin_({.seed = options.seed}) {
  begin_.options = options_of(options, batches.sequences());
  const std::string loaded = value_of(options, load_toggle());
  if (!loaded.empty()) file_ = std::make_unique<SafetensorsFile>(loaded);
  const bool resumes = file_ && !options.weights_only;
  if (resumes || options.save) begin_.text = batches.hash();
  if (!resumes) return;
  const Metadata now = begin_.options;
  begin_ = state_in(*file_, config, options.seed, begin_.text);
  for (const auto& [name, value] : begin_.options)
    if (const auto here = now.find(name); here != now.end() && here->second != value)
      changed_.push_back(text("--", name, " was ", value, " and is ", here->second));
  begin_.options = now;
  batches.begin_at(begin_.sequences);
}

bool TrainingFiles::load(RankContext& ctx, const std::vector<Parameter*>& weights,
                         AdamW& optimizer) {
  if (!file_ || !ctx.device.has_numbers()) return false;  // without: work of one rank is counted
  const std::vector<Shard> shards =
      options_.weights_only ? weight_shards(weights) : run_shards(weights, optimizer);
  std::vector<std::string> unwanted = unwanted_in(ctx, *file_, shards);
  if (!options_.weights_only && !unwanted.empty())
    usage_error(text(file_->name(), ": has tensors that this run does not have: ", listed(unwanted),
                     " (--weights-only takes its weights alone)"));
  read_checkpoint(ctx, *file_, shards);
  if (!options_.weights_only) optimizer.resume(ctx, begin_.step);
  if (ctx.rank == 0) left_out_ = std::move(unwanted);
  return true;
}

std::optional<Error> TrainingFiles::save(RankContext& ctx, const std::vector<Parameter*>& weights,
                                         const AdamW& optimizer) const {
  RunState end = begin_;
  end.step = optimizer.steps();
  end.sequences = batches_.sequences_before(end.step - begin_.step);
  return write_checkpoint(ctx, *options_.save, checkpoint_metadata(config_, end),
                          run_shards(weights, optimizer));
}

void TrainingFiles::add_notes(RunReport& report) const {
  for (const std::string& change : changed_)
    report.notes.push_back(text("since ", file_->name(), " was saved: ", change));
  if (!file_ || !options_.weights_only) return;
  std::vector<std::string> also = left_out_;
  for (const char* key : {"step", "sequences", "seed", "text"})
    if (const auto found = file_->metadata().find(key); found != file_->metadata().end())
      also.push_back(text(key, " ", found->second));
  report.notes.push_back(text("weights alone of ", file_->name(),
                              "; left out: ", also.empty() ? "nothing" : listed(also)));
}

}  // namespace shardpipe
