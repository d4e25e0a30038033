// Random programs: the race check against an independent one, which builds the graph of all starts
// and ends and asks for paths between every pair of operations. The modelled wall time is compared
// with the longest path through the same graph.
#include <algorithm>
#include <cstdlib>
#include <random>

#include "tests/backends/modelled/support.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

constexpr int kStreams = 3, kBuffers = 3, kRanks = 2, kSteps = 24;

struct Step {
  enum What { op, pass, synchronize, all_reduce } what = op;
  int stream = 0;
  int other = 0;  // pass: the stream that waits for `stream`
  int buffer = 0;
  Index first = 0;  // rows of the buffer
  bool write = false;
  int ns[kRanks] = {1, 1};
};

std::vector<Step> random_program(std::mt19937& random) {
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  std::vector<Step> steps;
  for (int i = 0; i < kSteps; ++i) {
    const int dice = pick(20);
    Step step{.what = dice < 8    ? Step::op
                      : dice < 16 ? Step::pass
                      : dice < 19 ? Step::synchronize
                                  : Step::all_reduce,
              .stream = pick(kStreams),
              .other = pick(kStreams),
              .buffer = pick(kBuffers),
              .first = pick(3),
              .write = pick(5) == 0};
    for (int& ns : step.ns) ns = pick(9);
    steps.push_back(step);
  }
  return steps;
}

void run_steps(RankContext& ctx, const std::vector<Step>& steps) {
  auto third = ctx.device.make_stream("third");
  Stream* streams[kStreams] = {&ctx.compute, &ctx.comm, third.get()};
  std::vector<Tensor> buffers;
  for (int b = 0; b < kBuffers; ++b) buffers.emplace_back(ctx.device, Shape{4, 3});
  for (const Step& s : steps) {
    Stream& stream = *streams[s.stream];
    const Tensor rows = buffers[static_cast<std::size_t>(s.buffer)].slice(s.first, 2);
    if (s.what == Step::op) work(stream, s.ns[ctx.rank], {s.write ? rows.write() : rows.read()});
    if (s.what == Step::pass) streams[s.other]->wait(stream.record());
    if (s.what == Step::synchronize) stream.synchronize();
    if (s.what == Step::all_reduce) ctx.tp.all_reduce(rows, stream);
  }
}

// Nodes: for each step of each rank its start and its end, and the host after it.
class Oracle {
 public:
  explicit Oracle(const std::vector<Step>& steps) : steps_(steps) {
    before_matrix_.assign(kNodes, std::vector<char>(kNodes, 0));
    time_.assign(kNodes, 0);
    for (int i = 0; i < kSteps; ++i) {
      for (int rank = 0; rank < kRanks; ++rank) enter(i, rank);
      for (int rank = 0; rank < kRanks; ++rank) leave(i, rank);
    }
  }

  bool races() const {
    for (int rank = 0; rank < kRanks; ++rank)
      for (int i = 0; i < kSteps; ++i)
        for (int j = 0; j < i; ++j)
          if (conflict(steps_[at(j)], steps_[at(i)]) && !ordered(rank, j, i)) return true;
    return false;
  }
  std::int64_t wall_ns() const { return *std::max_element(time_.begin(), time_.end()); }

 private:
  static constexpr int kNodes = kRanks * kSteps * 3;
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  static int start(int rank, int i) { return (rank * kSteps + i) * 3; }
  static int end(int rank, int i) { return start(rank, i) + 1; }
  static int host(int rank, int i) { return start(rank, i) + 2; }
  static bool is_op(const Step& s) { return s.what == Step::op || s.what == Step::all_reduce; }
  static bool writes(const Step& s) { return s.write || s.what == Step::all_reduce; }
  static bool conflict(const Step& a, const Step& b) {
    return is_op(a) && is_op(b) && a.buffer == b.buffer && std::abs(a.first - b.first) < 2 &&
           (writes(a) || writes(b));
  }
  bool ordered(int rank, int i, int j) const {
    return before_matrix_[at(end(rank, i))][at(start(rank, j))] != 0;
  }

  // from happens before to; times come along unless the order has none.
  void edge(int from, int to) {
    before_matrix_[at(from)][at(to)] = 1;
    for (int node = 0; node < kNodes; ++node)
      if (before_matrix_[at(node)][at(from)]) before_matrix_[at(node)][at(to)] = 1;
    later(from, to);
  }
  void later(int from, int to) { time_[at(to)] = std::max(time_[at(to)], time_[at(from)]); }

  // The last step before i on a stream of a rank; a pass is on both its streams.
  int previous(int i, int stream, bool only_communication) const {
    for (int j = i - 1; j >= 0; --j) {
      const Step& s = steps_[at(j)];
      if (only_communication
              ? s.what == Step::all_reduce
              : (is_op(s) && s.stream == stream) || (s.what == Step::pass && s.other == stream))
        return j;
    }
    return -1;
  }

  void enter(int i, int rank) {
    const Step& s = steps_[at(i)];
    if (i > 0) edge(host(rank, i - 1), host(rank, i));
    if (i > 0) edge(host(rank, i - 1), start(rank, i));
    const int stream = s.what == Step::pass ? s.other : s.stream;
    if (s.what != Step::synchronize)
      if (const int j = previous(i, stream, false); j >= 0) edge(end(rank, j), start(rank, i));
    if (s.what == Step::all_reduce)  // takes its turn, which costs time and orders no data
      if (const int j = previous(i, stream, true); j >= 0) later(end(rank, j), start(rank, i));
  }

  void leave(int i, int rank) {
    const Step& s = steps_[at(i)];
    edge(start(rank, i), end(rank, i));
    if (s.what == Step::op) time_[at(end(rank, i))] += s.ns[rank];
    if (s.what == Step::all_reduce) {
      for (int other = 0; other < kRanks; ++other) edge(start(other, i), end(rank, i));
      time_[at(end(rank, i))] += kAllReduceNs;
    }
    const int j = previous(i, s.stream, false);
    if (s.what == Step::pass && j >= 0) edge(end(rank, j), end(rank, i));
    if (s.what == Step::synchronize && j >= 0) edge(end(rank, j), host(rank, i));
  }

 public:
  static constexpr std::int64_t kAllReduceNs = 24 + 5;  // two rows of 3 floats, beta 1, alpha 5

 private:
  const std::vector<Step>& steps_;
  std::vector<std::vector<char>> before_matrix_;
  std::vector<std::int64_t> time_;
};

}  // namespace

TEST_CASE("modelled: races and times of random programs agree with a graph of all orders") {
  std::mt19937 random(7);
  RunOptions options{.grid = {.tp = kRanks}};
  options.record_trace = false;
  int racing = 0, clean = 0;
  for (int trial = 0; trial < 3000; ++trial) {
    const std::vector<Step> steps = random_program(random);
    const Oracle oracle(steps);
    std::string error;
    std::int64_t wall_ns = -1;
    try {
      wall_ns = run_modelled(options, AlphaBeta(5, 1), [&](RankContext& ctx) {
                  run_steps(ctx, steps);
                }).trace.wall_ns;
    } catch (const Error& e) {
      error = e.what();
    }
    INFO("trial " << trial << ": " << error);
    REQUIRE(oracle.races() == !error.empty());
    if (error.empty()) REQUIRE(wall_ns == oracle.wall_ns());
    ++(error.empty() ? clean : racing);
  }
  CHECK(racing > 300);
  CHECK(clean > 300);
}

}  // namespace shardpipe
