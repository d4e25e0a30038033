// bf16 on the cpu: storage. An operation that is given bf16 runs on f32 copies of its operands, and
// what it wrote is rounded, once. So results are those of a machine that multiplies bf16 and sums
// in f32; time and scratch memory (4 bytes an element of each operand) are not.
//   if (any_bf16(y, x)) return gelu(Rounded(y), Widened(x), kind, stream);
// Operands that are f32 already pass as they are.
#pragma once

#include <vector>

#include "core/tensor/bf16.h"
#include "core/tensor/tensor.h"

namespace shardpipe {

template <class... Views>
bool any_bf16(const Views&... views) {
  return ((views.dtype == DType::bf16) || ...);
}

// What is read.
class Widened {
 public:
  explicit Widened(const View& view) : Widened(view, true) {}
  Widened(const Widened&) = delete;
  Widened& operator=(const Widened&) = delete;

  const View& view() const { return view_; }
  operator const View&() const { return view_; }  // NOLINT: stands for the view it was made of

 protected:
  Widened(const View& view, bool is_read) : view_(view) {
    if (view.dtype != DType::bf16) return;
    numbers_.resize(static_cast<std::size_t>(view.elements()));
    for (std::size_t i = 0; is_read && i < numbers_.size(); ++i)
      numbers_[i] = from_bf16(view.bf16()[i]);
    view_.data = reinterpret_cast<std::byte*>(numbers_.data());
    view_.dtype = DType::f32;
  }
  void round_into(const View& to) const {
    for (std::size_t i = 0; i < numbers_.size(); ++i) to.bf16()[i] = to_bf16(numbers_[i]);
  }

 private:
  View view_;
  std::vector<float> numbers_;
};

// What is overwritten, whole: rounded when this goes, which is after the call it is an argument of.
class Rounded : public Widened {
 public:
  explicit Rounded(const View& view) : Rounded(view, false) {}
  ~Rounded() { round_into(to_); }

 protected:
  Rounded(const View& view, bool is_read) : Widened(view, is_read), to_(view) {}

 private:
  View to_;
};

// What is read and written (+=).
class Updated : public Rounded {
 public:
  explicit Updated(const View& view) : Rounded(view, true) {}
};

}  // namespace shardpipe
