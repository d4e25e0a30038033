#include "core/tensor_parallel/tp_style.h"

#include "core/tensor_parallel/overlapped_linear.h"
#include "core/tensor_parallel/ring_linear.h"

namespace shardpipe {
namespace {

constexpr TpStyle kStyles[] = {TpStyle::plain, TpStyle::overlapped, TpStyle::sequence_parallel,
                               TpStyle::sequence_overlapped, TpStyle::collective_matmul};

void refuse_to_leave_sums(TpStyle style) {
  if (style != TpStyle::plain)
    fail(text("style ", name_of(style), " cannot leave a sum over ranks to its caller"));
}

}  // namespace

const char* name_of(TpStyle style) {
  switch (style) {
    case TpStyle::plain: return "plain";
    case TpStyle::overlapped: return "overlapped";
    case TpStyle::sequence_parallel: return "sequence-parallel";
    case TpStyle::sequence_overlapped: return "sequence-overlapped";
    case TpStyle::collective_matmul: return "collective-matmul";
  }
  return "?";
}

std::vector<TpStyle> all_tp_styles() { return {std::begin(kStyles), std::end(kStyles)}; }

TpStyle parse_tp_style(std::string_view name) {
  std::string names;
  for (const TpStyle style : kStyles) {
    if (name == name_of(style)) return style;
    names += text(names.empty() ? "" : ", ", name_of(style));
  }
  usage_error(text("tensor-parallel style '", name, "' is unknown (allowed: ", names, ")"));
}

std::unique_ptr<Layer> make_column(RankContext& ctx, std::vector<OutputPart> parts, Index D,
                                   ColumnOptions options, TpTwin twin) {
  if (!options.sum_input_gradient) refuse_to_leave_sums(twin.style);
  switch (twin.style) {
    case TpStyle::plain: break;
    case TpStyle::overlapped:
      return std::make_unique<OverlappedColumnLinear>(ctx, std::move(parts), D, options);
    case TpStyle::sequence_parallel:
      return std::make_unique<SequenceColumnLinear>(ctx, std::move(parts), D, options);
    case TpStyle::sequence_overlapped:
      return std::make_unique<OverlappedSequenceColumnLinear>(ctx, std::move(parts), D, options);
    case TpStyle::collective_matmul:
      return std::make_unique<RingColumnLinear>(ctx, std::move(parts), D, options);
  }
  return std::make_unique<ColumnParallelLinear>(ctx, std::move(parts), D, options);
}

std::unique_ptr<Layer> make_row(RankContext& ctx, const std::string& name, Index D, Index F,
                                RowOptions options, TpTwin twin) {
  if (!options.sum_output) refuse_to_leave_sums(twin.style);
  switch (twin.style) {
    case TpStyle::plain: break;
    case TpStyle::overlapped:
      return std::make_unique<OverlappedRowLinear>(ctx, name, D, F, options, twin.chunks);
    case TpStyle::sequence_parallel:
    case TpStyle::sequence_overlapped:
      return std::make_unique<SequenceRowLinear>(ctx, name, D, F, options);
    case TpStyle::collective_matmul:
      return std::make_unique<RingRowLinear>(ctx, name, D, F, options);
  }
  return std::make_unique<RowParallelLinear>(ctx, name, D, F, options);
}

}  // namespace shardpipe
