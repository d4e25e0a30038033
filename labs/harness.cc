#include "labs/harness.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>
#include <optional>

#include "labs/model_flags.h"

namespace shardpipe {
namespace {

// What one rank has to say after a run.
struct Said {
  bool compared = false;
  RankComparison comparison = {};
  int peak_in_flight = 1;
};

struct Results {
  std::mutex mutex;              // of the ranks in this process
  std::optional<Error> unsaved;  // of rank 0, where it is in this process
  std::vector<Said> said;        // by rank, of all ranks
  std::vector<double> losses;    // of rank 0
};

// Values of every rank, in rank order; each has as many. They go through the communicator, because
// ranks may be processes, as pairs of integers, because gathering copies bits.
std::vector<double> gather(RankContext& ctx, const std::vector<double>& mine) {
  std::vector<std::int32_t> halves(2 * mine.size());
  std::memcpy(halves.data(), mine.data(), halves.size() * sizeof halves[0]);
  const Index size = static_cast<Index>(halves.size());
  Tensor in(ctx.device, {size}, DType::i32), all(ctx.device, {ctx.world.size(), size}, DType::i32);
  ctx.math.upload(in, halves, ctx.compute);
  ctx.world.all_gather(all, in, ctx.compute);
  halves = ctx.math.to_host_integers(all, ctx.compute);
  std::vector<double> values(halves.size() / 2);
  std::memcpy(values.data(), halves.data(), halves.size() * sizeof halves[0]);
  return values;
}

std::vector<double> words_of(const Said& said) {
  const RankComparison& c = said.comparison;
  std::vector<double> words = {said.compared ? 1.0 : 0, c.bitwise ? 1.0 : 0, c.diverged ? 1.0 : 0,
                               static_cast<double>(c.counted), 1.0 * said.peak_in_flight};
  for (const Deviation& d : {c.tensors, c.losses})
    words.insert(words.end(), {d.difference, d.bound, d.scale, 1.0 * d.where});
  return words;
}

Said said_in(const double* words) {
  const auto deviation = [](const double* w) {
    return Deviation{w[0], w[1], w[2], static_cast<int>(w[3])};
  };
  return {.compared = words[0] != 0,
          .comparison = {.bitwise = words[1] != 0,
                         .tensors = deviation(words + 5),
                         .losses = deviation(words + 9),
                         .counted = static_cast<Index>(words[3]),
                         .diverged = words[2] != 0},
          .peak_in_flight = static_cast<int>(words[4])};
}

// The same on all ranks afterwards. Without numbers all ranks are in this process.
void tell_all(RankContext& ctx, const Said& mine, const std::vector<double>& losses,
              Results& results) {
  if (!ctx.device.has_numbers()) {
    std::lock_guard lock(results.mutex);
    results.said[static_cast<std::size_t>(ctx.rank)] = mine;
    return;
  }
  std::vector<double> words = words_of(mine);
  const std::size_t own = words.size();
  words.insert(words.end(), losses.begin(), losses.end());
  const std::vector<double> all = gather(ctx, words);
  std::lock_guard lock(results.mutex);
  for (std::size_t r = 0; r < results.said.size(); ++r)
    results.said[r] = said_in(&all[r * words.size()]);
  results.losses.assign(all.begin() + static_cast<std::ptrdiff_t>(own),
                        all.begin() + static_cast<std::ptrdiff_t>(words.size()));
}

LabProgram shaken(RankContext& ctx, LabProgram program, const Shake& by) {
  if (by.number == 0) return program;
  shake(ctx, program.parameters(), by);
  if (program.parameters_changed) program.parameters_changed();
  return program;
}

void run_step(RankContext& ctx, const LabProgram& program, int step) {
  const Scope mark = ctx.scope({.step = step});
  program.step(step);
}

std::vector<double> first_losses(std::vector<double> losses) {
  if (losses.size() > kJudgedSteps) losses.resize(kJudgedSteps);
  return losses;
}

// Of a program that has taken its steps, which is gone afterwards.
std::vector<RankPart> compared_numbers(RankContext& ctx, const LabSetup& setup, LabProgram program,
                                       const Shake& by) {
  if (setup.trial) {
    program = {};
    program = shaken(ctx, setup.trial(ctx), by);
    run_step(ctx, program, 0);
  }
  return program.numbers();
}

// one: nullptr: nothing is compared.
RunReport measure(const LabOptions& options, const LabSetup& setup, const OneRankResult* one,
                  Results& results) {
  results.said.resize(static_cast<std::size_t>(options.grid.ranks()));
  return run_on(options, [&](RankContext& ctx) {
    LabProgram program = setup.make(ctx);
    for (int s = 0; s < setup.warmup; ++s) run_step(ctx, program, s - setup.warmup);
    ctx.begin_window();
    for (int s = 0; s < setup.steps; ++s) run_step(ctx, program, s);
    ctx.end_window();
    std::vector<double> losses;
    if (ctx.device.has_numbers() && program.losses) losses = program.losses();
    Said said;
    if (program.peak_in_flight) said.peak_in_flight = program.peak_in_flight();
    std::optional<Error> unsaved;
    if (options.save) unsaved = program.save();
    if (one != nullptr) {
      const std::vector<RankPart> parts = compared_numbers(ctx, setup, std::move(program), {});
      said.compared = !parts.empty();
      said.comparison = one->compare({parts, first_losses(losses)});
      if (ctx.coord.dp != 0) said.comparison.counted = 0;  // the same numbers again
    }
    tell_all(ctx, said, losses, results);
    if (ctx.rank == 0) results.unsaved = std::move(unsaved);
  });
}

// As many as are compared, warm-up included; all of them where the last one's result is.
int steps_of_one_rank(const LabSetup& setup) {
  const int all = setup.warmup + setup.steps;
  return setup.longest_sum > 0 ? std::min(all, kJudgedSteps) : all;
}

RankOutcome outcome_of(RankContext& ctx, const LabSetup& setup, const Shake& by) {
  LabProgram program = shaken(ctx, setup.make(ctx), by);
  for (int s = 0; s < steps_of_one_rank(setup); ++s) run_step(ctx, program, s - setup.warmup);
  RankOutcome outcome;
  if (program.losses) outcome.losses = first_losses(program.losses());
  outcome.tensors = compared_numbers(ctx, setup, std::move(program), by);
  return outcome;
}

// What one rank computes. Ranks that are processes compute with the cpu's kernels, each for itself.
OneRankResult result_of_one_rank(const LabOptions& options, const LabSetup& setup) {
  LabOptions alone = options;
  alone.grid = {};
  alone.trace.reset();  // also where it fails
  alone.is_live = false;
  alone.save.reset();
  if (alone.device == "mpi") alone.device = "cpu";
  std::optional<OneRankResult> one;
  run_on(alone, [&](RankContext& ctx) {
    one.emplace(outcome_of(ctx, setup, {}));
    if (setup.longest_sum == 0) return;
    for (int number = 1; number <= kShakes; ++number)
      one->widen(outcome_of(ctx, setup, {number, shake_size(setup.longest_sum, setup.dtype)}));
  });
  return *std::move(one);
}

// Whether the result is compared with one rank's.
bool is_compared(const LabOptions& o) {
  return o.device != "modelled" && o.check && o.grid.ranks() > 1;
}

struct Reckoned {
  LabNeed need = {};  // of the lab's grid
  Bill bill = {};
};

Reckoned reckon(const LabOptions& options, const LabSetup& setup) {
  if (!setup.need) return {};
  const bool checks = is_compared(options);
  const int steps = setup.warmup + setup.steps;
  LabNeed one = checks ? setup.need({}) : LabNeed{};
  if (setup.longest_sum > 0)  // its few steps and a trial, plain and shaken
    one.run.operations *= (1.0 + kShakes) * (steps_of_one_rank(setup) + 1) / steps;
  Reckoned reckoned{.need = setup.need(options.grid)};
  reckoned.bill = bill_of(options, steps, reckoned.need, checks ? &one : nullptr);
  return reckoned;
}

// What one rank does in a step. On the modelled machine, which computes nothing.
WorkByName work_of_one_rank(const LabOptions& options, const LabSetup& setup) {
  LabOptions alone = options;
  alone.device = "modelled";
  alone.grid = {};
  alone.link.clear();
  alone.trace.reset();
  alone.is_live = false;
  alone.save.reset();
  const RunReport report = run_on(alone, [&](RankContext& ctx) {
    const LabProgram program = setup.make_once ? setup.make_once(ctx) : setup.make(ctx);
    ctx.begin_window();
    run_step(ctx, program, 0);
    ctx.end_window();
  });
  return work_by_name(report.trace);
}

LabResult compared_run(const std::string& name, const LabOptions& options, const LabSetup& setup) {
  std::optional<OneRankResult> one;
  start_ranks(options);  // some may be done long before others with what comes now
  if (is_compared(options)) one = result_of_one_rank(options, setup);
  Results results;
  LabResult out{.lab = name,
                .options = options,
                .shape = setup.shape,
                .dtype = setup.dtype,
                .steps = setup.steps,
                .report = measure(options, setup, one ? &*one : nullptr, results)};
  out.loss = results.losses;
  out.unsaved = std::move(results.unsaved);
  std::vector<RankComparison> comparisons;
  for (const Said& said : results.said) {
    out.peak_in_flight.push_back(said.peak_in_flight);
    comparisons.push_back(said.comparison);
  }
  if (!one) return out;
  if (!results.said.at(0).compared) fail(ExitCode::fault, "the lab compares nothing");
  out.check = check_of(*one, comparisons, setup.against);
  return out;
}

// One head a rank, of an even size; features that are none stay so.
DecoderConfig with_fitting_heads(DecoderConfig model, int tp) {
  model.heads = model.kv_heads = tp;
  if (model.hidden > 0) model.hidden = Index{2} * tp;
  return model;
}

}  // namespace

int steps_of(const LabOptions& o) { return o.steps.value_or(o.device == "modelled" ? 1 : 3); }

LabShape complete(const ShapeFlags& flags, const LabShape& small, const LabShape& real,
                  const LabOptions& options, bool has_heads) {
  const LabShape& d = computes_here(options.device) ? small : real;
  const LabShape s{.layers = flags.layers.value_or(d.layers),
                   .hidden = flags.hidden.value_or(d.hidden),
                   .ffn = flags.ffn.value_or(d.ffn),
                   .heads = flags.heads.value_or(d.heads),
                   .kv_heads = flags.kv_heads.value_or(flags.heads.value_or(d.kv_heads)),
                   .vocab = flags.vocab.value_or(d.vocab),
                   .seq = flags.seq.value_or(d.seq),
                   .batch = flags.batch.value_or(d.batch)};
  if (s.batch < 1) usage_error(text("--batch ", s.batch, ": must be at least 1"));
  refuse_uncountable(s);
  DecoderConfig model = model_of(options, s);
  if (!has_heads) model = with_fitting_heads(model, options.grid.tp);
  check_config(model, options.grid.tp);
  return s;
}

void refuse_what_does_not_fit(const LabOptions& options, const LabSetup& setup) {
  refuse_beyond(Supply(), reckon(options, setup).bill);
}

LabResult run_lab(const std::string& name, const LabOptions& options, const LabSetup& setup) {
  const Reckoned reckoned = reckon(options, setup);
  refuse_beyond(Supply(), reckoned.bill);
  try {
    LabResult result = compared_run(name, options, setup);
    if (options.asks_work && setup.shares_work) result.work_once = work_of_one_rank(options, setup);
    result.bound_bytes = reckoned.need.run.weights + reckoned.need.run.activations;
    result.bound_operations = reckoned.need.run.operations;
    result.needed_bytes = reckoned.bill.bytes();
    return result;
  } catch (const std::exception& e) {
    const Error error = error_of(e);
    if (!error.is_of_resources()) throw;
    throw error.with(text(error.what(), ": fewer ranks, or smaller ", reckoned.need.tensor_flags,
                          ", need less"));
  }
}

double positive_number(const LabOptions& o, const std::string& toggle) {
  const std::string& value = o.toggle(toggle);
  char* end = nullptr;
  const double number = std::strtod(value.c_str(), &end);
  if (value.empty() || *end != '\0' || !(number > 0) || !std::isfinite(number))
    usage_error(text("--", toggle, " ", value, ": must be a positive number"));
  return number;
}

}  // namespace shardpipe
