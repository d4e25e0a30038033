#include "core/tensor/op_builder.h"

namespace shardpipe {
namespace {

bool overlap(const Operand& a, const Operand& b) {
  return a.buffer == b.buffer && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}

bool same_range(const Operand& a, const Operand& b) {
  return a.offset == b.offset && a.bytes == b.bytes;
}

}  // namespace

OpBuilder& OpBuilder::add(const char* name, const Operand& operand, bool in_place_allowed) {
  info_.bytes += operand.bytes;
  for (const Operand& other : info_.operands) {
    if (!(other.write || operand.write) || !overlap(other, operand)) continue;
    if (in_place_allowed && same_range(other, operand)) return *this;  // listed once, as a write
    fail(text(op_, ": ", name, " shares memory with an output"));
  }
  info_.operands.push_back(operand);
  return *this;
}

void OpBuilder::refuse_integers() const { fail(text(op_, ": takes f32 or bf16 tensors, not i32")); }

void OpBuilder::refuse(const char* name, const Tensor& tensor, const Shape& shape,
                       DType dtype) const {
  if (tensor.empty()) fail(text(op_, ": ", name, " is an empty tensor"));
  if (!(tensor.shape() == shape))
    fail(text(op_, ": ", name, " is ", tensor.shape(), ", it should be ", shape));
  fail(text(op_, ": ", name, " is ", name_of(tensor.dtype()), ", it should be ", name_of(dtype)));
}

Index row_count(const Shape& shape) {
  Index rows = 1;
  for (int i = 0; i + 1 < shape.dims(); ++i) rows *= shape[i];
  return rows;
}

}  // namespace shardpipe
