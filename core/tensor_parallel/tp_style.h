// TpStyle: how the linears of a column-row pair talk. Every style gives the same y, dx and
// gradients; they differ in what travels when, and in what is kept.
#pragma once

#include <string_view>
#include <vector>

#include "core/tensor_parallel/linear.h"

namespace shardpipe {

enum class TpStyle {
  plain,                // all-reduce after the product (linear.h)
  overlapped,           // all-reduce under other products (overlapped_linear.h)
  sequence_parallel,    // x between pairs is [T/t,D] (sequence_linear.h)
  sequence_overlapped,  // the same, backward under other products (overlapped_linear.h)
  collective_matmul,    // the same, in rings under the products (ring_linear.h)
};

const char* name_of(TpStyle style);
std::vector<TpStyle> all_tp_styles();
TpStyle parse_tp_style(std::string_view name);  // usage error names the styles

// Whether x between the pairs is [T/t,D], so that a norm there belongs into OnOwnTokens.
constexpr bool splits_tokens(TpStyle style) {
  return style != TpStyle::plain && style != TpStyle::overlapped;
}

struct TpTwin {
  TpStyle style = TpStyle::plain;
  int chunks = 4;  // overlapped: pieces of a row linear's y
};

// The first and the second linear of a pair: outputs of the first stay split. Only the plain style
// can leave sums to its caller (sum_input_gradient, sum_output); an error otherwise.
std::unique_ptr<Layer> make_column(RankContext& ctx, std::vector<OutputPart> parts, Index D,
                                   ColumnOptions options, TpTwin twin);
std::unique_ptr<Layer> make_row(RankContext& ctx, const std::string& name, Index D, Index F,
                                RowOptions options, TpTwin twin);

}  // namespace shardpipe
