#include "exercises/day04_communication/day04_dx_under_dw.h"
#include "labs/answers.h"
#include "labs/day04_communication/answered_overlap.h"

namespace shardpipe {
namespace {

// The bias is the kit's.
class AnsweredColumn : public ColumnParallelLinear {
 public:
  AnsweredColumn(RankContext& ctx, std::vector<OutputPart> parts, Index D, ColumnOptions options,
                 DxUnderDwAnswer answer)
      : ColumnParallelLinear(ctx, std::move(parts), D, options), answer_(answer) {}

  Tensor backward(Tensor dy, int microbatch, RankContext& ctx) override {
    const Saved saved = take(saved_, microbatch);
    const Tensor dx(ctx.device, saved.x.shape(), dy.dtype());  // [T,D]
    answer_.column_backward(dx, weight_.grad, dy, saved.x, weight_.value, ctx);
    if (!bias_.grad.empty()) ctx.math.bias_backward(bias_.grad, dy, ctx.compute);
    return dx;
  }

 private:
  DxUnderDwAnswer answer_;
};

}  // namespace

std::unique_ptr<Layer> answered_column(RankContext& ctx, std::vector<OutputPart> parts, Index D,
                                       ColumnOptions options) {
  return std::make_unique<AnsweredColumn>(ctx, std::move(parts), D, options,
                                          load_answer<DxUnderDwAnswer>("day04_dx_under_dw"));
}

}  // namespace shardpipe
