// Math: optimizers. Flops an element: each add, multiply, divide and square root counts as 1.
#include "core/tensor/math.h"
#include "core/tensor/op_builder.h"

namespace shardpipe {
namespace {

constexpr double kAdamWFlops = 15;  // m 3, v 4, two corrections 2, sqrt + divide 3, decay, step 3
constexpr double kSgdFlops = 2;
constexpr double kSquareFlops = 2;

}  // namespace

void Math::adamw(Tensor value, Tensor master, Tensor grad, Tensor m, Tensor v, AdamWOptions options,
                 OnStream on) {
  if (options.step < 1) fail(text("adamw: step is ", options.step, ", steps count from 1"));
  OpBuilder op("adamw", value);
  if (master.empty())
    op.updates("value", value, value.shape());
  else
    op.writes("value", value, value.shape()).updates("master", master, value.shape(), DType::f32);
  op.updates("m", m, value.shape(), DType::f32)
      .updates("v", v, value.shape(), DType::f32)
      .reads("grad", grad, value.shape(), grad.dtype() == DType::f32 ? DType::f32 : value.dtype());
  on.submit(op.info(kAdamWFlops * static_cast<double>(value.elements())),
            [&kernels = kernels_, &stream = on.stream,
             call = AdamWCall{.value = value.view(),
                              .master = master.view(),
                              .grad = grad.view(),
                              .m = m.view(),
                              .v = v.view(),
                              .options = options}] { kernels.adamw(call, stream); });
}

void Math::sgd(Tensor value, Tensor grad, float learning_rate, OnStream on) {
  OpBuilder op("sgd", value);
  op.updates("value", value, value.shape()).reads("grad", grad, value.shape());
  on.submit(op.info(kSgdFlops * static_cast<double>(value.elements())),
            [&kernels = kernels_, &stream = on.stream, wv = value.view(), gv = grad.view(),
             learning_rate] { kernels.sgd(wv, gv, learning_rate, stream); });
}

void Math::add_squares(Tensor sum, Tensor x, OnStream on) {
  OpBuilder op("add_squares", x);
  op.updates("sum", sum, {1}, DType::f32).reads("x", x, x.shape());
  on.submit(op.info(kSquareFlops * static_cast<double>(x.elements())),
            [&kernels = kernels_, &stream = on.stream, sv = sum.view(), xv = x.view()] {
              kernels.add_squares(sv, xv, stream);
            });
}

void Math::clip(Tensor x, Tensor sum, float max_norm, OnStream on) {
  OpBuilder op("clip", x);
  op.updates("x", x, x.shape()).reads("sum", sum, {1}, DType::f32);
  on.submit(op.info(static_cast<double>(x.elements())),
            [&kernels = kernels_, &stream = on.stream, xv = x.view(), sv = sum.view(), max_norm] {
              kernels.clip(xv, sv, max_norm, stream);
            });
}

}  // namespace shardpipe
