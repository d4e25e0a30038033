// OpBuilder: the OpInfo of one operation of Math, and the checks of its operands. Each operand is
// named once, with the shape and dtype it must have; bytes add up on the way.
// Messages are built only when a check fails: logging a million operations a second builds none.
#pragma once

#include <utility>

#include "core/tensor/tensor.h"

namespace shardpipe {

class OpBuilder {
 public:
  // An operation that computes: `main` must be f32 or bf16, and operands are of its dtype unless
  // they say otherwise.
  OpBuilder(const char* op, const Tensor& main) : OpBuilder(op, main.dtype()) {
    if (main.dtype() == DType::i32) refuse_integers();
  }
  // An operation that only moves elements, of any dtype.
  OpBuilder(const char* op, DType dtype) : op_(op) {
    info_.name = op;
    info_.dtype = dtype;
    info_.operands.reserve(kMaxOperands);
  }

  // `tensor` is overwritten. Traffic: its bytes. The shape of the first that is written is the
  // operation's.
  OpBuilder& writes(const char* name, const Tensor& tensor, const Shape& shape) {
    return writes(name, tensor, shape, info_.dtype);
  }
  OpBuilder& writes(const char* name, const Tensor& tensor, const Shape& shape, DType dtype) {
    check(name, tensor, shape, dtype);
    if (info_.dims.count == 0) info_.dims = dims_of(shape);
    return add(name, tensor.write(), false);
  }
  // `tensor` is read and written (+=). Traffic: twice its bytes.
  OpBuilder& updates(const char* name, const Tensor& tensor, const Shape& shape) {
    return updates(name, tensor, shape, info_.dtype);
  }
  OpBuilder& updates(const char* name, const Tensor& tensor, const Shape& shape, DType dtype) {
    info_.bytes += tensor.bytes();
    return writes(name, tensor, shape, dtype);
  }
  // `tensor` is read and may not share memory with what is written.
  OpBuilder& reads(const char* name, const Tensor& tensor, const Shape& shape) {
    return reads(name, tensor, shape, info_.dtype);
  }
  OpBuilder& reads(const char* name, const Tensor& tensor, const Shape& shape, DType dtype) {
    check(name, tensor, shape, dtype);
    return add(name, tensor.read(), false);
  }
  // As updates; the sum may be f32 where the rest is bf16: small terms would not move a bf16.
  OpBuilder& accumulates(const char* name, const Tensor& tensor, const Shape& shape) {
    return updates(name, tensor, shape, f32_or_main(tensor));
  }
  // As writes, of a result that may be f32 where the rest is bf16.
  OpBuilder& writes_f32_or_main(const char* name, const Tensor& tensor, const Shape& shape) {
    return writes(name, tensor, shape, f32_or_main(tensor));
  }
  // As reads, but `tensor` may be the very tensor that is written.
  OpBuilder& reads_in_place(const char* name, const Tensor& tensor, const Shape& shape) {
    check(name, tensor, shape, info_.dtype);
    return add(name, tensor.read(), true);
  }

  OpInfo&& info(double flops) {
    info_.flops = flops;
    return std::move(info_);
  }
  // For operations that touch only a part of their operands.
  OpInfo&& info(double flops, std::int64_t bytes) {
    info_.bytes = bytes;
    return info(flops);
  }

 private:
  static constexpr std::size_t kMaxOperands = 8;

  DType f32_or_main(const Tensor& tensor) const {
    return tensor.dtype() == DType::f32 ? DType::f32 : info_.dtype;
  }
  void check(const char* name, const Tensor& tensor, const Shape& shape, DType dtype) const {
    if (tensor.empty() || !(tensor.shape() == shape) || tensor.dtype() != dtype)
      refuse(name, tensor, shape, dtype);
  }
  OpBuilder& add(const char* name, const Operand& operand, bool in_place_allowed);

  [[noreturn]] void refuse_integers() const;
  [[noreturn]] void refuse(const char* name, const Tensor& tensor, const Shape& shape,
                           DType dtype) const;

  const char* op_;
  OpInfo info_;
};

// Rows of a tensor seen as [rows, last]; unlike Shape::rows also where the last dimension is 0.
Index row_count(const Shape& shape);

}  // namespace shardpipe
