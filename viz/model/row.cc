#include "viz/model/row.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <set>
#include <tuple>
#include <utility>

#include "core/base/error.h"

namespace shardpipe::viz {

void Row::add(const Stretch& stretch) {
  require(stretch.end_ns >= stretch.begin_ns, "row: a stretch ends before it begins");
  require(empty() || stretch.begin_ns >= end_ns_.back(), "row: a stretch overlaps the one before");
  const auto at = std::find(inks_.begin(), inks_.end(), stretch.category);
  ink_.push_back(static_cast<std::uint8_t>(at - inks_.begin()));
  if (at == inks_.end()) inks_.push_back(stretch.category);
  begin_ns_.push_back(stretch.begin_ns);
  end_ns_.push_back(stretch.end_ns);
  span_.push_back(stretch.span);
}

void Row::reserve(std::size_t stretches) {
  begin_ns_.reserve(stretches);
  end_ns_.reserve(stretches);
  span_.reserve(stretches);
  ink_.reserve(stretches);
}

void Row::finish() {
  begin_ns_.shrink_to_fit();
  end_ns_.shrink_to_fit();
  span_.shrink_to_fit();
  ink_.shrink_to_fit();
}

Stretch Row::operator[](std::size_t i) const {
  return {begin_ns_[i], end_ns_[i], inks_[ink_[i]], span_[i]};
}

std::size_t Row::first_ending_after(double at_ns) const {
  const auto at =
      std::upper_bound(end_ns_.begin(), end_ns_.end(), at_ns,
                       [](double t, std::int64_t end) { return t < static_cast<double>(end); });
  return static_cast<std::size_t>(at - end_ns_.begin());
}

std::size_t Row::at(double at_ns) const {
  const std::size_t i = first_ending_after(at_ns);
  return i < size() && static_cast<double>(begin_ns_[i]) <= at_ns ? i : size();
}

std::size_t Row::bytes() const {
  return begin_ns_.capacity() * sizeof(std::int64_t) + end_ns_.capacity() * sizeof(std::int64_t) +
         span_.capacity() * sizeof(std::int32_t) + ink_.capacity();
}

std::vector<Row> rows_of(std::vector<Stretch> stretches) {
  const auto before = [](const Stretch& a, const Stretch& b) {
    return std::tie(a.begin_ns, a.end_ns) < std::tie(b.begin_ns, b.end_ns);
  };
  if (!std::is_sorted(stretches.begin(), stretches.end(), before))
    std::stable_sort(stretches.begin(), stretches.end(), before);
  using Ending = std::pair<std::int64_t, std::size_t>;  // when a row will be free, and which
  std::priority_queue<Ending, std::vector<Ending>, std::greater<>> busy;
  std::set<std::size_t> free = {0};
  std::vector<Row> rows(1);
  rows[0].reserve(stretches.size());
  for (const Stretch& stretch : stretches) {
    for (; !busy.empty() && busy.top().first <= stretch.begin_ns; busy.pop())
      free.insert(busy.top().second);
    if (free.empty()) {
      free.insert(rows.size());
      rows.emplace_back();
    }
    const std::size_t row = *free.begin();
    free.erase(free.begin());
    rows[row].add(stretch);
    busy.emplace(stretch.end_ns, row);
  }
  return rows;
}

}  // namespace shardpipe::viz
