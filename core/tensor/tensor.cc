#include "core/tensor/tensor.h"

#include <algorithm>

namespace shardpipe {
namespace {

constexpr Index kMostElements = Index{1} << 60;  // sizes in bytes still fit in 64 bits

}  // namespace

Shape::Shape(std::initializer_list<Index> dims, Where where)
    : dims_(static_cast<int>(dims.size())) {
  if (dims.size() > 4) fail(text("a tensor has at most 4 dimensions, not ", dims.size()), where);
  std::copy(dims.begin(), dims.end(), size_.begin());
  Index left = kMostElements;
  for (const Index n : dims) {
    if (n < 0) fail(text("shape ", to_string(), " has a negative dimension"), where);
    if (n > left) fail(text("shape ", to_string(), " has more than 2^60 elements"), where);
    left /= std::max<Index>(n, 1);
  }
}

Index Shape::elements() const {
  Index n = 1;
  for (int i = 0; i < dims_; ++i) n *= (*this)[i];
  return n;
}

std::string Shape::to_string() const {
  std::string out = "[";
  for (int i = 0; i < dims_; ++i) out += (i == 0 ? "" : ",") + std::to_string((*this)[i]);
  return out + "]";
}

std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << shape.to_string(); }

View View::rows(Index first, Index count) const {
  View part = *this;
  part.shape = {count, shape.last()};
  if (data != nullptr) part.data += first * shape.last() * size_of(dtype);
  return part;
}

Tensor::Tensor(Device& device, Shape shape, DType dtype, Where)
    : allocation_(device.allocate(shape.elements() * size_of(dtype))),
      shape_(shape),
      dtype_(dtype) {}

Tensor Tensor::reshape(Shape shape, Where where) const {
  if (shape.elements() != elements())
    fail(text("reshape: ", shape_, " has ", elements(), " elements, ", shape, " has ",
              shape.elements()),
         where);
  Tensor other = *this;
  other.shape_ = shape;
  return other;
}

Tensor Tensor::slice(Index first, Index count, Where where) const {
  if (shape_.dims() == 0 || first < 0 || count < 0 || first + count > shape_[0])
    fail(text("slice: ", count, " from ", first, " is outside of ", shape_), where);
  const Index stride = shape_[0] == 0 ? 0 : elements() / shape_[0];
  Tensor part = *this;
  part.offset_ += first * stride * size_of(dtype_);
  switch (shape_.dims()) {
    case 1: part.shape_ = {count}; break;
    case 2: part.shape_ = {count, shape_[1]}; break;
    case 3: part.shape_ = {count, shape_[1], shape_[2]}; break;
    default: part.shape_ = {count, shape_[1], shape_[2], shape_[3]}; break;
  }
  return part;
}

View Tensor::view() const {
  if (empty()) return {};
  std::byte* base = allocation_->buffer()->data();
  return {allocation_->buffer(), base == nullptr ? nullptr : base + offset_, shape_, dtype_};
}

}  // namespace shardpipe
