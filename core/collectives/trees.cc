#include "core/collectives/trees.h"

#include <algorithm>
#include <bit>

#include "core/collectives/all_reduce.h"

namespace shardpipe {
namespace {

constexpr double kChunkBytes = 2 << 20;
constexpr int kMostChunks = 64;

int lowest_bit(int x) { return x & -x; }
int level_of(int position) { return std::countr_zero(static_cast<unsigned>(position)); }
int largest_power(int n) { return static_cast<int>(std::bit_floor(static_cast<unsigned>(n))); }

// Positions 1..n of an in-order walk: position x is at level lg lowest_bit(x).
int parent_position(int x, int n) {
  if (x == largest_power(n)) return 0;
  int parent = x;
  do {
    const int bit = lowest_bit(parent);
    parent = (parent ^ bit) | (bit << 1);
  } while (parent > n);  // of a full tree, but not here: its parent in turn
  return parent;
}

std::vector<int> child_positions(int x, int n) {
  std::vector<int> children;
  const int below = lowest_bit(x) / 2;
  if (below > 0) children.push_back(x - below);
  for (int d = below; d > 0; d /= 2)
    if (x + d <= n) {
      children.push_back(x + d);
      break;
    }
  return children;
}

// One rank's part in one of the two trees: half of the tensor, in chunks.
struct Half {
  TreeNode node;
  Parts chunks;
};

// A message if there is such a chunk.
void add_message(std::vector<Message>& messages, Direction direction, int peer, const Half& half,
                 int chunk) {
  if (peer >= 0 && chunk >= 0 && chunk < half.chunks.count())
    messages.push_back({direction, peer, half.chunks[chunk]});
}

// Both ends of an edge name the same step for a chunk: that of the parent's level, so a chunk comes
// before it goes on, and all edges of a tree are at work at the same time, each on its own chunk.
void reduce_step(const std::vector<Half>& halves, int step, const Tensor& buffers, ReduceOp op,
                 const CollectiveContext& on) {
  std::vector<Message> messages;
  std::vector<std::pair<Tensor, Tensor>> additions;  // to, from
  for (const Half& half : halves) {
    const TreeNode& node = half.node;
    add_message(messages, Direction::send, node.parent, half, step - (node.parent_level - 1));
    const int chunk = step - (node.level - 1);
    if (chunk < 0 || chunk >= half.chunks.count()) continue;
    for (const int child : node.children) {
      const Tensor to = half.chunks[chunk];
      const auto buffer = static_cast<Index>(additions.size());
      additions.emplace_back(to, flat(buffers.slice(buffer, 1)).slice(0, to.elements()));
      messages.push_back(recv_from(child, additions.back().second));
    }
  }
  on.exchange(messages);
  for (const auto& [to, from] : additions) on.math.reduce_local(to, to, from, op, on.here());
}

void broadcast_step(const std::vector<Half>& halves, int step, const CollectiveContext& on) {
  const int levels = two_tree_levels(on.size());
  std::vector<Message> messages;
  for (const Half& half : halves) {
    const TreeNode& node = half.node;
    add_message(messages, Direction::recv, node.parent, half, step - (levels - node.parent_level));
    for (const int child : node.children)
      add_message(messages, Direction::send, child, half, step - (levels - node.level));
  }
  on.exchange(messages);
}

}  // namespace

TreeNode binomial_node(int rank, int n) {
  TreeNode node{.parent = rank == 0 ? -1 : rank - lowest_bit(rank)};
  const int below = rank == 0 ? n : lowest_bit(rank);
  for (int d = 1; d < below && rank + d < n; d *= 2) node.children.push_back(rank + d);
  return node;
}

TreeNode two_tree_node(int rank, int n, int tree) {
  const auto rank_at = [&](int position) { return (position - 1 + n - tree) % n; };
  const int x = (rank + tree) % n + 1, parent = parent_position(x, n);
  TreeNode node{.parent = parent == 0 ? -1 : rank_at(parent),
                .level = level_of(x),
                .parent_level = parent == 0 ? 0 : level_of(parent)};
  for (const int child : child_positions(x, n)) node.children.push_back(rank_at(child));
  return node;
}

int two_tree_steps(int n, int chunks) { return chunks + two_tree_levels(n) - 1; }

int two_tree_levels(int n) { return std::bit_width(static_cast<unsigned>(n)) - 1; }

void all_reduce_binomial_tree(Tensor inout, ReduceOp op, const CollectiveContext& plain,
                              Where where) {
  const CollectiveContext on = plain.named("all_reduce binomial_tree", where);
  if (is_trivial(inout, on)) return;
  const TreeNode node = binomial_node(on.rank(), on.size());
  if (!node.children.empty()) {
    const Tensor theirs(on.device, inout.shape(), inout.dtype());
    for (const int child : node.children) {
      on.exchange({recv_from(child, theirs)});
      on.math.reduce_local(inout, inout, theirs, op, on.here());
    }
  }
  if (node.parent >= 0) {
    on.exchange({send_to(node.parent, inout)});
    on.exchange({recv_from(node.parent, inout)});
  }
  for (auto child = node.children.rbegin(); child != node.children.rend(); ++child)
    on.exchange({send_to(*child, inout)});  // the largest subtree first
}

int two_tree_chunks(double bytes) {
  return static_cast<int>(std::clamp(bytes / kChunkBytes, 1.0, double{kMostChunks}));
}

void all_reduce_two_tree(Tensor inout, ReduceOp op, int chunks, const CollectiveContext& plain,
                         Where where) {
  const CollectiveContext on = plain.named("all_reduce two_tree", where);
  if (is_trivial(inout, on)) return;
  const Parts whole(inout, 2);
  std::vector<Half> halves;
  for (const int tree : {0, 1})
    halves.push_back({two_tree_node(on.rank(), on.size(), tree), Parts(whole[tree], chunks)});
  const Index longest = halves[0].chunks.longest();
  const Tensor buffers(on.device, {2, longest}, inout.dtype());  // a rank has two children at most
  const int steps = two_tree_steps(on.size(), chunks);
  for (int step = 0; step < steps; ++step) reduce_step(halves, step, buffers, op, on);
  for (int step = 0; step < steps; ++step) broadcast_step(halves, step, on);
}

}  // namespace shardpipe
