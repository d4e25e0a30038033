// The trees of all_reduce_binomial_tree and all_reduce_two_tree, as arithmetic on ranks.
#pragma once

#include <vector>

namespace shardpipe {

struct TreeNode {
  int parent = -1;                  // -1: the root
  std::vector<int> children = {};   // nearest first
  int level = 0, parent_level = 0;  // two_tree only: 0 for a leaf, less than the parent's
};

// Rank r's parent is r without its lowest bit; its children are r + 1, r + 2, r + 4, ... as long as
// the distance is below r's lowest bit (root 0: below n).
TreeNode binomial_node(int rank, int n);

// Ranks in the order of an in-order walk of a binary tree, so that every second one is a leaf. Tree
// 1 is tree 0 with ranks shifted by one: a rank with children in one is a leaf of the other.
TreeNode two_tree_node(int rank, int n, int tree);

// Levels of ranks with children. n >= 2.
int two_tree_levels(int n);

// Steps of the reduction, and of the broadcast after it: in step s, children hand chunk
// s - (l - 1) to their parents on level l. A rank without a chunk to move skips the step.
int two_tree_steps(int n, int chunks);

}  // namespace shardpipe
