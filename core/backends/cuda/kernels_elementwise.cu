#include "core/backends/cuda/cuda_kernels.h"
#include "core/backends/cuda/elementwise.cuh"
#include "core/backends/cuda/launch.cuh"

namespace shardpipe::cuda {

void CudaKernels::add(const View& out, const View& a, const View& b, Stream& stream) {
  for_each(out.elements(), AddElements{array(out), array(a), array(b)}, stream);
}

void CudaKernels::reduce_local(const View& out, const View& a, const View& b, ReduceOp op,
                               Stream& stream) {
  if (out.dtype == DType::i32)
    for_each(out.elements(), ReduceIntegers{out.i32(), a.i32(), b.i32(), op}, stream);
  else
    for_each(out.elements(), ReduceElements{array(out), array(a), array(b), op}, stream);
}

void CudaKernels::scale(const View& out, const View& in, float factor, Stream& stream) {
  for_each(out.elements(), ScaleElement{array(out), array(in), factor}, stream);
}

void CudaKernels::add_bias(const View& y, const View& bias, Stream& stream) {
  for_each(y.elements(), AddBias{array(y), array(bias), y.shape.last()}, stream);
}

void CudaKernels::bias_backward(const View& dbias, const View& dy, Stream& stream) {
  const Index F = dy.shape.last();
  for_each(F, BiasBackwardColumn{array(dbias), array(dy), dy.shape.rows(), F}, stream);
}

void CudaKernels::gelu(const View& y, const View& x, GeluKind kind, Stream& stream) {
  for_each(y.elements(), Gelu{array(y), array(x), kind}, stream);
}

void CudaKernels::gelu_backward(const View& dx, const View& dy, const View& x, GeluKind kind,
                                Stream& stream) {
  for_each(dx.elements(), GeluBackward{array(dx), array(dy), array(x), kind}, stream);
}

void CudaKernels::silu_gate(const View& y, const View& gate_up, Stream& stream) {
  for_each(y.elements(), SiluGate{array(y), array(gate_up), y.shape.last()}, stream);
}

void CudaKernels::silu_gate_backward(const View& dgate_up, const View& dy, const View& gate_up,
                                     Stream& stream) {
  for_each(dy.elements(),
           SiluGateBackward{array(dgate_up), array(dy), array(gate_up), dy.shape.last()}, stream);
}

void CudaKernels::adamw(const AdamWCall& c, Stream& stream) {
  const AdamWOptions& o = c.options;
  const double steps = o.step;
  for_each(c.value.elements(),
           AdamW{.value = array(c.value),
                 .master = c.master.is_none() ? nullptr : c.master.f32(),
                 .grad = array(c.grad),
                 .m = c.m.f32(),
                 .v = c.v.f32(),
                 .o = o,
                 .m_correction = static_cast<float>(1 / (1 - std::pow(double{o.beta1}, steps))),
                 .v_correction = static_cast<float>(1 / (1 - std::pow(double{o.beta2}, steps)))},
           stream);
}

void CudaKernels::sgd(const View& value, const View& grad, float learning_rate, Stream& stream) {
  for_each(value.elements(), Sgd{array(value), array(grad), learning_rate}, stream);
}

}  // namespace shardpipe::cuda
