// Row: stretches of time that follow each other and never overlap, which is what can be drawn in
// one line and searched in O(log n). Spans of a stream that do overlap go to further rows of its
// lane.
#pragma once

#include <cstdint>
#include <vector>

#include "viz/model/category.h"

namespace shardpipe::viz {

struct Stretch {
  std::int64_t begin_ns = 0, end_ns = 0;
  Category category = Category::other;
  std::int32_t span = -1;  // index into Trace::spans; -1: derived from several

  std::int64_t length_ns() const { return end_ns - begin_ns; }
};

// 21 bytes a stretch, in parallel arrays: a search touches only the times.
class Row {
 public:
  void reserve(std::size_t stretches);
  // stretch.begin_ns must not lie before the end of the last one.
  void add(const Stretch& stretch);

  // Gives back what the arrays hold in reserve: nothing more will be added.
  void finish();

  std::size_t size() const { return begin_ns_.size(); }
  bool empty() const { return begin_ns_.empty(); }
  Stretch operator[](std::size_t i) const;
  std::int64_t begin_ns(std::size_t i) const { return begin_ns_[i]; }
  std::int64_t end_ns(std::size_t i) const { return end_ns_[i]; }
  std::int64_t length_ns(std::size_t i) const { return end_ns_[i] - begin_ns_[i]; }
  // Position of the stretch's category among those that occur in this row.
  std::uint8_t ink(std::size_t i) const { return ink_[i]; }
  const std::vector<Category>& inks() const { return inks_; }

  // The first stretch that ends after `at_ns`; size() if there is none. O(log n)
  std::size_t first_ending_after(double at_ns) const;
  // The stretch with begin <= at < end; size() if there is none. O(log n)
  std::size_t at(double at_ns) const;

  std::size_t bytes() const;

 private:
  std::vector<std::int64_t> begin_ns_, end_ns_;
  std::vector<std::int32_t> span_;
  std::vector<std::uint8_t> ink_;
  std::vector<Category> inks_;
};

// `stretches` (any order) over as few rows as the greedy rule needs: each goes to the first row
// that is free when it begins. At least one row. O(n log n)
std::vector<Row> rows_of(std::vector<Stretch> stretches);

}  // namespace shardpipe::viz
