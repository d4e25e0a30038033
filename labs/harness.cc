#include "labs/harness.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <mutex>
#include <optional>

#include "core/base/random.h"
#include "core/model/error_bound.h"
#include "labs/model_flags.h"

namespace shardpipe {
namespace {

// What one rank has to say after a run.
struct Verdict {
  bool compared = false, bitwise = true;
  double max_abs_diff = 0;
  int peak_in_flight = 1;
};

struct Results {
  std::mutex mutex;               // of the ranks in this process
  HostTensors numbers;            // of rank 0, where it is in this process
  std::optional<Error> unsaved;   // likewise
  std::vector<Verdict> verdicts;  // by rank, of all ranks
  std::vector<double> losses;     // of rank 0
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

// The same on all ranks afterwards. Without numbers all ranks are in this process.
void tell_all(RankContext& ctx, const Verdict& mine, const std::vector<double>& losses,
              Results& results) {
  if (!ctx.device.has_numbers()) {
    std::lock_guard lock(results.mutex);
    results.verdicts[static_cast<std::size_t>(ctx.rank)] = mine;
    return;
  }
  std::vector<double> words = {mine.compared ? 1.0 : 0, mine.bitwise ? 1.0 : 0, mine.max_abs_diff,
                               1.0 * mine.peak_in_flight};
  words.insert(words.end(), losses.begin(), losses.end());
  const std::vector<double> all = gather(ctx, words);
  std::lock_guard lock(results.mutex);
  for (std::size_t r = 0; r < results.verdicts.size(); ++r) {
    const double* said = &all[r * words.size()];
    results.verdicts[r] = {said[0] != 0, said[1] != 0, said[2], static_cast<int>(said[3])};
  }
  results.losses.assign(all.begin() + 4, all.begin() + static_cast<std::ptrdiff_t>(words.size()));
}

// Every tensor of one rank against the one-rank run.
Verdict compare(const HostTensors& got, const HostTensors& want) {
  Verdict verdict;
  if (got.empty()) return verdict;
  verdict.compared = true;
  for (const auto& [name, tensor] : want) {
    const auto found = got.find(name);
    if (found == got.end() || !(found->second.shape == tensor.shape))
      fail(ExitCode::fault, text("the lab compares ", name, ", which a rank does not have"));
    verdict.bitwise = verdict.bitwise && found->second.values == tensor.values;
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      const double diff = std::abs(static_cast<double>(found->second.values[i]) - tensor.values[i]);
      if (!(diff <= verdict.max_abs_diff))  // NaN counts as infinitely wrong
        verdict.max_abs_diff = std::isnan(diff) ? std::numeric_limits<double>::infinity() : diff;
    }
  }
  return verdict;
}

// want: what one rank computes; nullptr: nothing is compared.
RunReport measure(const LabOptions& options, const LabSetup& setup, const HostTensors* want,
                  Results& results) {
  results.verdicts.resize(static_cast<std::size_t>(options.grid.ranks()));
  return run_on(options, [&](RankContext& ctx) {
    LabProgram program = setup.make(ctx);
    auto run_step = [&](int step) {
      const Scope mark = ctx.scope({.step = step});
      program.step(step);
    };
    for (int s = 0; s < setup.warmup; ++s) run_step(s - setup.warmup);
    ctx.begin_window();
    for (int s = 0; s < setup.steps; ++s) run_step(s);
    ctx.end_window();
    const bool has_numbers = ctx.device.has_numbers();
    HostTensors numbers;
    if (has_numbers && options.check && program.numbers) numbers = program.numbers();
    Verdict verdict = want == nullptr ? Verdict{} : compare(numbers, *want);
    if (program.peak_in_flight) verdict.peak_in_flight = program.peak_in_flight();
    tell_all(ctx, verdict, has_numbers && program.losses ? program.losses() : std::vector<double>{},
             results);
    std::optional<Error> unsaved;
    if (options.save) unsaved = program.save();
    if (ctx.rank != 0) return;
    results.numbers = std::move(numbers);
    results.unsaved = std::move(unsaved);
  });
}

// What one rank computes. Ranks that are processes compute with the cpu's kernels, each for itself.
HostTensors numbers_of_one_rank(const LabOptions& options, const LabSetup& setup) {
  LabOptions alone = options;
  alone.grid = {};
  alone.trace.reset();  // also where it fails
  alone.is_live = false;
  alone.save.reset();
  if (alone.device == "mpi") alone.device = "cpu";
  Results one;
  measure(alone, setup, nullptr, one);
  return std::move(one.numbers);
}

double largest_magnitude(const HostTensors& tensors) {
  double largest = 0;
  for (const auto& [name, tensor] : tensors)
    for (const float v : tensor.values)
      largest = std::max(largest, std::abs(static_cast<double>(v)));
  return largest;
}

// All ranks against the one-rank run. The bound follows the largest magnitude of all its numbers
// and not of each tensor's: some gradients are sums of large terms that cancel (that of a key bias
// is zero but for rounding).
Check check_of(const std::vector<Verdict>& verdicts, const HostTensors& want,
               const LabSetup& setup) {
  if (!verdicts.at(0).compared) fail(ExitCode::fault, "the lab compares nothing");
  Check check{
      .against = setup.against, .bitwise = true, .bound = setup.bound(largest_magnitude(want))};
  for (const Verdict& v : verdicts) {
    check.bitwise = check.bitwise && v.bitwise;
    check.max_abs_diff = std::max(check.max_abs_diff, v.max_abs_diff);
  }
  return check;
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
  const LabNeed one = checks ? setup.need({}) : LabNeed{};
  Reckoned reckoned{.need = setup.need(options.grid)};
  reckoned.bill =
      bill_of(options, setup.warmup + setup.steps, reckoned.need, checks ? &one : nullptr);
  return reckoned;
}

LabResult compared_run(const std::string& name, const LabOptions& options, const LabSetup& setup) {
  const bool checks = is_compared(options);
  std::optional<HostTensors> want;
  start_ranks(options);  // some may be done long before others with what comes now
  if (checks) want = numbers_of_one_rank(options, setup);
  Results results;
  LabResult out{.lab = name,
                .options = options,
                .shape = setup.shape,
                .dtype = setup.dtype,
                .steps = setup.steps,
                .report = measure(options, setup, checks ? &*want : nullptr, results)};
  out.loss = results.losses;
  out.unsaved = std::move(results.unsaved);
  for (const Verdict& v : results.verdicts) out.peak_in_flight.push_back(v.peak_in_flight);
  if (checks) out.check = check_of(results.verdicts, *want, setup);
  return out;
}

}  // namespace

LabShape complete(const ShapeFlags& flags, const LabShape& small, const LabShape& real,
                  const LabOptions& options) {
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
  check_config(model_of(options, s), options.grid.tp);
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

HostTensors compared_losses(std::vector<double> losses) {
  if (losses.size() > kComparedSteps) losses.resize(kComparedSteps);
  return {
      {"loss",
       {.shape = {static_cast<Index>(losses.size())}, .values = {losses.begin(), losses.end()}}}};
}

std::string against_one_rank(int steps) {
  return text("one rank, the loss of ", steps > kComparedSteps ? "the first " : "every step",
              steps > kComparedSteps ? text(kComparedSteps, " steps") : "", " on every rank");
}

double positive_number(const LabOptions& o, const std::string& toggle) {
  const std::string& value = o.toggle(toggle);
  char* end = nullptr;
  const double number = std::strtod(value.c_str(), &end);
  if (value.empty() || *end != '\0' || !(number > 0) || !std::isfinite(number))
    usage_error(text("--", toggle, " ", value, ": must be a positive number"));
  return number;
}

Fill uniform_fill(std::uint64_t seed, double scale) {
  return [=](const std::string& name, Index i) {
    return static_cast<float>(
        scale * (2 * random_uniform(seed, stream_of(name), static_cast<std::uint64_t>(i)) - 1));
  };
}

Fill integer_fill(std::uint64_t seed) {
  return [=](const std::string& name, Index i) {
    return static_cast<float>(
        static_cast<int>(random_bits(seed, stream_of(name), static_cast<std::uint64_t>(i)) % 7) -
        3);
  };
}

Tensor make_input(RankContext& ctx, const std::string& name, Index rows, Index columns, DType dtype,
                  const Fill& fill) {
  Tensor x(ctx.device, {rows, columns}, dtype);
  std::vector<float> values;
  if (ctx.device.has_numbers()) {
    values.reserve(static_cast<std::size_t>(rows * columns));
    for (Index i = 0; i < rows * columns; ++i) values.push_back(fill(name, i));
    ctx.math.upload(x, values, ctx.compute);
  } else {
    ctx.math.fill(x, 0, ctx.compute);
  }
  return x;
}

}  // namespace shardpipe
