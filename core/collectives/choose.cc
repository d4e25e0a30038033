#include "core/collectives/choose.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/collectives/trees.h"
#include "core/cost/roofline.h"

namespace shardpipe {
namespace {

// The operations of one rank on the longest path, timed as they come.
class Path {
 public:
  Path(const Hardware& hardware, Placement at, DType dtype)
      : hardware_(hardware), roofline_(hardware), at_(at), dtype_(dtype) {}

  // One partner at distance d in rank.
  void exchange(double bytes, int d) { exchange_with(bytes, crosses(d) ? 0 : 1, crosses(d)); }

  // All other ranks, `bytes` each.
  void exchange_with_all(double bytes) {
    exchange_with(bytes, at_.ranks_per_node - 1, at_.ranks - at_.ranks_per_node);
  }

  void exchange_with(double bytes, int near, int far) {
    const auto seconds = [&](int peers, const Link& link) {
      return peers == 0 ? 0 : link.latency_s + peers * bytes / link.bytes_per_s;
    };
    run(std::max(seconds(near, hardware_.inside), seconds(far, hardware_.between)));
  }

  void add(double bytes) {
    const double elements = bytes / static_cast<double>(size_of(dtype_));
    run(1e-9 * static_cast<double>(roofline_.duration_ns(
                   {.dtype = dtype_, .flops = elements, .bytes = std::llround(3 * bytes)})));
  }

  double seconds() const { return device_s_; }

 private:
  // Whether some pair r, r + d of neighbouring blocks of d ranks is on two nodes.
  bool crosses(int d) const {
    return at_.nodes > 1 && (d >= at_.ranks_per_node || at_.ranks_per_node % (2 * d) != 0);
  }

  void run(double seconds) {
    host_s_ += hardware_.launch_s;
    device_s_ = std::max(device_s_, host_s_) + seconds;
  }

  const Hardware& hardware_;
  RooflineModel roofline_;
  Placement at_;
  DType dtype_;
  double host_s_ = 0, device_s_ = 0;
};

// Letters as in all_reduce.h.
void naive(Path& path, Placement at, double S) {
  for (int peer = 1; peer < at.ranks; ++peer) {
    path.exchange_with(S, peer < at.ranks_per_node, peer >= at.ranks_per_node);
    path.add(S);
  }
  path.exchange_with_all(S);
}

// n ranks in a ring, some neighbours on two nodes if far.
void reduce_scatter_ring(Path& path, int n, bool far, double S) {
  for (int step = 0; step < n - 1; ++step) {
    path.exchange_with(S / n, !far, far);
    path.add(S / n);
  }
}

void all_gather_ring(Path& path, int n, bool far, double S) {
  for (int step = 0; step < n - 1; ++step) path.exchange_with(S / n, !far, far);
}

void all_reduce_ring(Path& path, int n, bool far, double S) {
  reduce_scatter_ring(path, n, far, S);
  all_gather_ring(path, n, far, S);
}

void recursive_doubling(Path& path, int p, double S) {
  for (int d = 1; d < p; d *= 2) {
    path.exchange(S, d);
    path.add(S);
  }
}

void halving_doubling(Path& path, int p, double S) {
  for (int d = p / 2; d >= 1; d /= 2) {
    path.exchange(S * d / p, d);
    path.add(S * d / p);
  }
  for (int d = 1; d < p; d *= 2) path.exchange(S * d / p, d);
}

template <class Algorithm>
void with_extra_ranks(Path& path, int n, double S, Algorithm algorithm) {
  const int p = static_cast<int>(std::bit_floor(static_cast<unsigned>(n)));
  if (p < n) {
    path.exchange(S, p);
    path.add(S);
  }
  algorithm(path, p, S);
  if (p < n) path.exchange(S, p);
}

void binomial_tree(Path& path, int n, double S) {
  for (int d = 1; d < n; d *= 2) {
    path.exchange(S, d);
    path.add(S);
  }
  for (int d = std::bit_ceil(static_cast<unsigned>(n)) / 2; d >= 1; d /= 2) path.exchange(S, d);
}

// As if every step had a rank with two children at work.
void two_tree(Path& path, Placement at, double S) {
  const int n = at.ranks, children = n == 2 ? 1 : 2, chunks = two_tree_chunks(S);
  const int steps = two_tree_steps(n, chunks);
  const double chunk = S / 2 / chunks;
  const bool far = at.nodes > 1;
  for (int step = 0; step < steps; ++step) {
    path.exchange_with(children * chunk, !far, far);
    for (int child = 0; child < children; ++child) path.add(chunk);
  }
  for (int step = 0; step < steps; ++step) path.exchange_with(children * chunk, !far, far);
}

void one_shot(Path& path, int n, double S) {
  path.exchange_with_all(S);
  for (int peer = 1; peer < n; ++peer) path.add(S);
}

void two_shot(Path& path, int n, double S) {
  one_shot(path, n, S / n);
  path.exchange_with_all(S / n);
}

void hierarchical(Path& path, Placement at, double S) {
  const int g = at.ranks_per_node;
  reduce_scatter_ring(path, g, false, S);
  all_reduce_ring(path, at.nodes, true, S / g);
  all_gather_ring(path, g, false, S);
}

void walk(Path& path, AllReduceAlgorithm algorithm, Placement at, double S) {
  const int n = at.ranks;
  switch (algorithm) {
    case AllReduceAlgorithm::naive: return naive(path, at, S);
    case AllReduceAlgorithm::ring: return all_reduce_ring(path, n, at.nodes > 1, S);
    case AllReduceAlgorithm::recursive_doubling:
      return with_extra_ranks(path, n, S, recursive_doubling);
    case AllReduceAlgorithm::halving_doubling:
      return with_extra_ranks(path, n, S, halving_doubling);
    case AllReduceAlgorithm::binomial_tree: return binomial_tree(path, n, S);
    case AllReduceAlgorithm::two_tree: return two_tree(path, at, S);
    case AllReduceAlgorithm::one_shot: return one_shot(path, n, S);
    case AllReduceAlgorithm::two_shot: return two_shot(path, n, S);
    case AllReduceAlgorithm::hierarchical: return hierarchical(path, at, S);
  }
}

}  // namespace

double predicted_s(AllReduceAlgorithm algorithm, const Hardware& hardware, Placement at,
                   double bytes, DType dtype) {
  if (algorithm == AllReduceAlgorithm::hierarchical && !(at.nodes > 1 && at.even()))
    return INFINITY;
  if (at.ranks == 1 || bytes <= 0) return 0;
  Path path(hardware, at, dtype);
  walk(path, algorithm, at, bytes);
  return path.seconds();
}

AllReduceChoice choose_all_reduce(const Hardware& hardware, Placement at, double bytes,
                                  DType dtype) {
  AllReduceChoice best{.seconds = INFINITY};
  std::vector<AllReduceAlgorithm> all = flat_all_reduce_algorithms();
  all.push_back(AllReduceAlgorithm::hierarchical);
  for (const AllReduceAlgorithm algorithm : all) {
    const double s = predicted_s(algorithm, hardware, at, bytes, dtype);
    if (s < best.seconds) best = {algorithm, s};
  }
  return best;
}

}  // namespace shardpipe
