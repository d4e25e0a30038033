#include "labs/harness.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>

#include "core/base/random.h"
#include "core/cost/hardware.h"
#include "core/cost/roofline.h"
#include "core/model/config.h"

namespace shardpipe {
namespace {

constexpr int kMaxCpuRanks = 64;  // threads of one process

// One rank's numbers and losses of one run.
struct Results {
  std::mutex mutex;
  std::vector<HostTensors> numbers;  // by rank
  std::vector<double> losses;        // of rank 0
  std::vector<int> peak_in_flight;   // by rank
};

RunReport measure(const LabOptions& options, const LabSetup& setup, Results& results) {
  results.numbers.resize(static_cast<std::size_t>(options.grid.ranks()));
  results.peak_in_flight.assign(results.numbers.size(), 1);
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
    if (program.peak_in_flight)
      results.peak_in_flight[static_cast<std::size_t>(ctx.rank)] = program.peak_in_flight();
    if (!ctx.device.has_numbers()) return;
    HostTensors numbers = options.check && program.numbers ? program.numbers() : HostTensors{};
    std::lock_guard lock(results.mutex);
    results.numbers[static_cast<std::size_t>(ctx.rank)] = std::move(numbers);
    if (ctx.rank == 0 && program.losses) results.losses = program.losses();
  });
}

double largest_magnitude(const HostTensor& t) {
  double largest = 0;
  for (const float v : t.values) largest = std::max(largest, std::abs(static_cast<double>(v)));
  return largest;
}

// Every tensor of every rank against the one-rank run. The bound follows the largest magnitude of
// all of them and not of each: some gradients are sums of large terms that cancel (that of a key
// bias is zero but for rounding).
Check compare(const Results& got, const HostTensors& want,
              const std::function<double(double)>& bound) {
  double largest = 0;
  for (const auto& [name, tensor] : want) largest = std::max(largest, largest_magnitude(tensor));
  if (got.numbers.at(0).empty()) fail(ExitCode::fault, "the lab compares nothing");
  Check check{.bitwise = true, .bound = bound(largest)};
  for (const HostTensors& rank : got.numbers) {
    if (rank.empty()) continue;
    for (const auto& [name, tensor] : want) {
      const auto found = rank.find(name);
      if (found == rank.end() || !(found->second.shape == tensor.shape))
        fail(ExitCode::fault, text("the lab compares ", name, ", which a rank does not have"));
      check.bitwise = check.bitwise && found->second.values == tensor.values;
      for (std::size_t i = 0; i < tensor.values.size(); ++i) {
        const double diff =
            std::abs(static_cast<double>(found->second.values[i]) - tensor.values[i]);
        if (!(diff <= check.max_abs_diff))  // NaN counts as infinitely wrong
          check.max_abs_diff = std::isnan(diff) ? std::numeric_limits<double>::infinity() : diff;
      }
    }
  }
  return check;
}

// Products of two sizes, times a few, still count in 64 bits.
void refuse_above_limit(const std::vector<std::pair<const char*, Index>>& sizes) {
  constexpr Index kMostSize = 1 << 24;
  for (const auto& [flag, size] : sizes)
    if (size > kMostSize) usage_error(text("--", flag, " ", size, ": must be at most ", kMostSize));
}

}  // namespace

void check_options(const LabOptions& o) {
  ProcessGrid grid(o.grid, parse_order(o.order));
  const double ranks = 1.0 * o.grid.tp * o.grid.pp * o.grid.dp;  // may exceed an integer
  if (o.device == "cpu" && ranks > kMaxCpuRanks)
    usage_error(text("--device cpu runs up to ", kMaxCpuRanks, " ranks, not ", ranks,
                     " (more: --device modelled)"));
  if (o.device == "modelled") {
    const Hardware hardware = load_hardware(o.hardware);
    if (ranks > hardware.max_ranks())
      usage_error(
          text("--hardware ", o.hardware, " has ", hardware.max_ranks(), " ranks, not ", ranks));
  }
}

RunReport run_on(const LabOptions& o, const RankProgram& program) {
  const RunOptions options{
      .grid = o.grid, .order = parse_order(o.order), .time_limit_s = o.time_limit_s};
  if (o.device == "cpu") return run_on_cpu(options, program);
  if (o.device == "cuda") return run_on_cuda(options, program);
  if (o.device == "modelled") {
    RunReport report = run_modelled(options, RooflineModel(load_hardware(o.hardware)), program);
    report.trace.hardware = o.hardware;
    return report;
  }
  usage_error(text("--device ", o.device, " is unknown (allowed: cpu, cuda, modelled)"));
}

LabShape complete(const ShapeFlags& flags, const LabShape& small, const LabShape& real,
                  const LabOptions& options) {
  const LabShape& d = options.device == "cpu" ? small : real;
  const LabShape s{.layers = flags.layers.value_or(d.layers),
                   .hidden = flags.hidden.value_or(d.hidden),
                   .ffn = flags.ffn.value_or(d.ffn),
                   .heads = flags.heads.value_or(d.heads),
                   .kv_heads = flags.kv_heads.value_or(flags.heads.value_or(d.kv_heads)),
                   .vocab = flags.vocab.value_or(d.vocab),
                   .seq = flags.seq.value_or(d.seq),
                   .batch = flags.batch.value_or(d.batch)};
  if (s.batch < 1) usage_error(text("--batch ", s.batch, ": must be at least 1"));
  refuse_above_limit({{"layers", s.layers},
                      {"hidden", s.hidden},
                      {"ffn", s.ffn},
                      {"vocab", s.vocab},
                      {"seq", s.seq},
                      {"batch", s.batch}});
  check_config({.layers = static_cast<int>(s.layers),
                .hidden = s.hidden,
                .ffn = s.ffn,
                .heads = s.heads,
                .kv_heads = s.kv_heads,
                .vocabulary = s.vocab,
                .sequence = s.seq,
                .paired = options.technique != "naive"},
               options.grid.tp);
  return s;
}

DType dtype_on(const std::string& device) {
  return device == "modelled" ? DType::bf16 : DType::f32;
}

LabResult run_lab(const std::string& name, const LabOptions& options, const LabSetup& setup) {
  Results results;
  LabResult out{.lab = name,
                .options = options,
                .shape = setup.shape,
                .dtype = setup.dtype,
                .steps = setup.steps,
                .report = measure(options, setup, results)};
  out.loss = results.losses;
  out.peak_in_flight = results.peak_in_flight;
  if (options.device == "modelled" || !options.check || options.grid.ranks() == 1) return out;
  LabOptions alone = options;
  alone.grid = {};
  Results one;
  measure(alone, setup, one);
  out.check = compare(results, one.numbers[0], setup.bound);
  out.check->against = setup.against;
  return out;
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
