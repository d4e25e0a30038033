// comm-algorithms: one all-reduce written with messages, by any algorithm, beside the backend's
// own. Over all sizes: ./lab bench collectives.
#include <cmath>

#include "core/collectives/gather.h"
#include "core/collectives/hierarchical.h"
#include "core/collectives/traffic.h"
#include "labs/day01_collectives/answered_collectives.h"
#include "labs/harness.h"
#include "labs/report.h"

namespace shardpipe {
namespace {

constexpr std::int64_t kMostBytes = std::int64_t{1} << 28;

Index elements_of(const LabOptions& o) {
  const double bytes = positive_number(o, "bytes");
  if (bytes != std::floor(bytes) || bytes > static_cast<double>(kMostBytes))
    usage_error(text("--bytes ", o.toggle("bytes"), ": must be a whole number up to ", kMostBytes));
  return static_cast<Index>(bytes) / size_of(DType::f32);
}

int ranks_per_node(const LabOptions& o) {
  if (o.toggle("ranks-per-node").empty()) return o.grid.tp % 2 == 0 ? 2 : 1;
  const double ranks = positive_number(o, "ranks-per-node");
  if (ranks != std::floor(ranks) || ranks > o.grid.tp || o.grid.tp % static_cast<int>(ranks) != 0)
    usage_error(
        text("--ranks-per-node ", o.toggle("ranks-per-node"), " must divide --tp ", o.grid.tp));
  return static_cast<int>(ranks);
}

using AllReduce = std::function<void(Tensor)>;

// The learner's all-reduce, or the learner's half of a ring and the kit's for the other.
AllReduce with_answer(const std::string& exercise, const CollectiveContext& on) {
  if (exercise == "day01_all_reduce" || exercise == "day01_recursive_doubling") {
    const SumInPlace sum =
        exercise == "day01_all_reduce" ? answered_all_reduce() : answered_recursive_doubling();
    return [on, sum](Tensor x) { sum(flat(x), on); };
  }
  RingReduceScatter first = kit_reduce_scatter;
  RingAllGather second = kit_all_gather;
  if (exercise == "day01_reduce_scatter") first = answered_reduce_scatter();
  if (exercise == "day01_all_gather") second = answered_all_gather();
  return [=](Tensor x) {
    const Parts parts(x, on.size());
    const Tensor own(on.device, {parts[on.rank()].elements()}, x.dtype());
    first(own, parts, on);
    on.math.copy(parts[on.rank()], own, on.stream);
    second(parts, on);
  };
}

AllReduce make_all_reduce(RankContext& ctx, const LabOptions& o) {
  const CollectiveContext on = {ctx.tp, ctx.math, ctx.device, ctx.compute};
  if (!o.answer.empty() && ctx.tp.size() > 1) return with_answer(o.answer, on);
  if (o.technique == "native") return [&ctx](Tensor x) { ctx.tp.all_reduce(x, ctx.compute); };
  if (o.technique == "hierarchical" && ctx.tp.size() > 1) {
    auto levels = std::make_shared<HierarchicalAllReduce>(on, ranks_per_node(o));
    return [levels](Tensor x) { levels->all_reduce(x, ReduceOp::sum); };
  }
  if (ctx.tp.size() == 1) return [](Tensor) {};
  const AllReduceAlgorithm algorithm = parse_all_reduce_algorithm(o.technique);
  return [on, algorithm](Tensor x) { all_reduce(x, ReduceOp::sum, algorithm, on); };
}

// Rank r brings the numbers "x<r>". Alone, one rank adds up those of all `ranks`.
LabProgram make_program(RankContext& ctx, const LabOptions& o, int ranks, Index elements) {
  const bool alone = ctx.tp.size() == 1;
  auto sum = std::make_shared<Tensor>();
  auto brought = [=, &ctx](int r) {
    return make_input(ctx, text("x", r), 1, elements, DType::f32, integer_fill(o.seed));
  };
  std::vector<Tensor> inputs;
  for (int r = alone ? 0 : ctx.tp.rank(); r < (alone ? ranks : ctx.tp.rank() + 1); ++r)
    inputs.push_back(brought(r));
  *sum = Tensor(ctx.device, {1, elements});
  auto step = [=, &ctx, reduce = make_all_reduce(ctx, o)](int) {
    ctx.math.copy(*sum, inputs[0], ctx.compute);
    for (std::size_t r = 1; r < inputs.size(); ++r)
      ctx.math.add(*sum, *sum, inputs[r], ctx.compute);
    reduce(*sum);
  };
  auto numbers = [=, &ctx] { return std::vector{whole_part("sum", *sum, ctx)}; };
  return {.step = step, .numbers = numbers};
}

// A rank holds what it brings, the sum and an algorithm's scratch: n tensors of one_shot's
// (core/collectives/all_reduce.h), two of others'. Alone it brings what all of them would.
LabNeed need_of(const LabOptions& o, Index elements, int ranks) {
  const double bytes = 4 * static_cast<double>(elements);
  const bool is_one_shot = o.technique == name_of(AllReduceAlgorithm::one_shot);
  const int brought = ranks == 1 ? o.grid.tp : 1, scratch = is_one_shot ? ranks : 2;
  return {.run = {.activations = ranks * (brought + 1 + scratch) * bytes,
                  .operations = ranks * (4.0 * ranks + brought)},
          .numbers = bytes,
          .batches = 2 * bytes,
          .tensor_flags = "--bytes"};
}

// Steps and bytes of every algorithm, as its header states them; the busiest rank of each.
LabTable table(const LabOptions& o, Index elements) {
  LabTable t = {.title = text("all_reduce of ", human_bytes(static_cast<double>(4 * elements)),
                              " on ", o.grid.tp, " ranks: what a rank does at most (*: this run)"),
                .columns = {"algorithm", "steps", "wire bytes"}};
  for (const AllReduceAlgorithm algorithm : flat_all_reduce_algorithms()) {
    Traffic most;
    for (int rank = 0; rank < o.grid.tp; ++rank) {
      const Traffic traffic =
          traffic_of(algorithm, {.ranks = o.grid.tp, .rank = rank, .elements = elements});
      most.steps = std::max(most.steps, traffic.steps);
      most.bytes = std::max(most.bytes, traffic.bytes);
    }
    const std::string name = name_of(algorithm);
    t.rows.push_back(
        {name + (name == o.technique ? " *" : ""), text(most.steps), human_bytes(most.bytes)});
  }
  return t;
}

LabResult run(const LabOptions& o) {
  const Index elements = elements_of(o);
  if (o.technique == "hierarchical") ranks_per_node(o);  // refuses
  LabResult result =
      run_lab("comm-algorithms", o,
              {.shape = {},
               .dtype = DType::f32,
               .steps = o.steps.value_or(3),
               .make = [&](RankContext& ctx) { return make_program(ctx, o, o.grid.tp, elements); },
               .shares_work = false,
               .need = [&](GridShape grid) { return need_of(o, elements, grid.tp); },
               .against = "one rank that adds what all of them bring"});
  result.tables.push_back(table(o, elements));
  return result;
}

std::vector<std::string> techniques() {
  std::vector<std::string> names = {"native"};
  for (const AllReduceAlgorithm algorithm : flat_all_reduce_algorithms())
    names.push_back(name_of(algorithm));
  names.push_back(name_of(AllReduceAlgorithm::hierarchical));
  return names;
}

}  // namespace

Lab comm_algorithms_lab() {
  return {.name = "comm-algorithms",
          .day = 1,
          .summary = "one all-reduce by any algorithm, written with messages alone",
          .toggles = {{"bytes", {}, "1048576", "of the tensor"},
                      {"ranks-per-node",
                       {},
                       "",
                       "hierarchical: ranks that share a fast link (default: 2)"}},
          .techniques = techniques(),
          .technique = "ring",
          .grid = {.tp = 4},
          .example = "--technique two_shot --tp 8 --device modelled --bytes 65536",
          .run = run};
}

}  // namespace shardpipe
