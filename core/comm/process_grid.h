// ProcessGrid: a rank's place in tensor x pipeline x data parallelism, as pure arithmetic.
// rank = sum over axes of index * stride. In an order string the first axis is innermost (stride
// 1):
//   tp-dp-pp (default)  pipeline outermost: Megatron-LM, DeepSpeed, nanotron, torchtitan
//   tp-pp-dp            data outermost: picotron, vLLM, ColossalAI
// The innermost axis talks most and gets the fastest links; the outermost one crosses nodes.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace shardpipe {

enum class Axis { tp, pp, dp };

const char* name_of(Axis axis);

struct GridShape {
  int tp = 1, pp = 1, dp = 1;
  int ranks() const { return tp * pp * dp; }
  bool operator==(const GridShape&) const = default;
};

struct GridCoord {
  int tp = 0, pp = 0, dp = 0;
  bool operator==(const GridCoord&) const = default;
};

using GridOrder = std::array<Axis, 3>;  // innermost first
inline constexpr GridOrder kDefaultOrder = {Axis::tp, Axis::dp, Axis::pp};

// "tp-dp-pp" and its permutations; anything else is a usage error.
GridOrder parse_order(std::string_view name);
std::string to_string(const GridOrder& order);

class ProcessGrid {
 public:
  // Throws a usage error unless every size is at least 1.
  ProcessGrid(GridShape shape, GridOrder order);

  const GridShape& shape() const { return shape_; }
  const GridOrder& order() const { return order_; }
  int size(Axis axis) const;

  GridCoord coord_of(int rank) const;
  int rank_of(GridCoord coord) const;
  // The ranks that differ from `rank` along `axis` only, in order of that axis.
  std::vector<int> group_of(int rank, Axis axis) const;
  // All groups of an axis, ordered by their first rank.
  std::vector<std::vector<int>> groups(Axis axis) const;

 private:
  int stride(Axis axis) const;

  GridShape shape_;
  GridOrder order_;
};

}  // namespace shardpipe
