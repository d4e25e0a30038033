// Tensor: a handle to a contiguous row-major array of up to 4 dimensions on one device.
// Copying a Tensor copies the handle, not the numbers (as in PyTorch).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/device/device.h"

namespace shardpipe {

using Index = std::int64_t;

class Shape {
 public:
  Shape() = default;  // no dimensions, one element
  Shape(std::initializer_list<Index> dims, Where where = Where::here());

  int dims() const { return dims_; }
  Index operator[](int i) const { return size_[static_cast<std::size_t>(i < 0 ? i + dims_ : i)]; }
  Index elements() const;
  Index last() const { return dims_ == 0 ? 1 : (*this)[-1]; }
  Index rows() const {
    return last() == 0 ? 0 : elements() / last();
  }  // all but the last dimension
  bool operator==(const Shape& other) const = default;
  std::string to_string() const;  // "[2,3]"

 private:
  std::array<Index, 4> size_ = {0, 0, 0, 0};
  int dims_ = 0;
};

std::ostream& operator<<(std::ostream& out, const Shape& shape);

inline Dims dims_of(const Shape& shape) {
  Dims dims{.count = shape.dims()};
  for (int i = 0; i < shape.dims(); ++i) dims.sizes[static_cast<std::size_t>(i)] = shape[i];
  return dims;
}

// What the body of an operation works on: an address, a shape, and a share in keeping it alive.
// Holding a View does not count as live memory; holding a Tensor does.
struct View {
  std::shared_ptr<Buffer> keep = {};
  std::byte* data = nullptr;
  Shape shape = {};
  DType dtype = DType::f32;

  float* f32() const { return reinterpret_cast<float*>(data); }
  std::int32_t* i32() const { return reinterpret_cast<std::int32_t*>(data); }
  std::uint16_t* bf16() const { return reinterpret_cast<std::uint16_t*>(data); }
  Index elements() const { return shape.elements(); }
  Index bytes() const { return shape.elements() * size_of(dtype); }
  bool is_none() const { return shape.dims() == 0; }  // of an empty Tensor
  // Rows [first, first+count) of x [T,D], or of the whole of x seen so.
  View rows(Index first, Index count) const;
};

class Tensor {
 public:
  Tensor() = default;  // empty() is true
  Tensor(Device& device, Shape shape, DType dtype = DType::f32, Where where = Where::here());

  const Shape& shape() const { return shape_; }
  DType dtype() const { return dtype_; }
  Index size(int dim) const { return shape_[dim]; }
  Index elements() const { return shape_.elements(); }
  Index bytes() const { return shape_.elements() * size_of(dtype_); }
  bool empty() const { return allocation_ == nullptr; }

  // The same numbers under another shape of as many elements. No copy.
  Tensor reshape(Shape shape, Where where = Where::here()) const;
  // Slices [first, first+count) of dimension 0. No copy.
  Tensor slice(Index first, Index count, Where where = Where::here()) const;

  View view() const;
  Operand read() const { return {allocation_->id(), offset_, bytes(), false}; }
  Operand write() const { return {allocation_->id(), offset_, bytes(), true}; }

 private:
  std::shared_ptr<Allocation> allocation_;
  Shape shape_;
  DType dtype_ = DType::f32;
  std::int64_t offset_ = 0;  // bytes
};

}  // namespace shardpipe
