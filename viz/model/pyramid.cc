#include "viz/model/pyramid.h"

#include <algorithm>
#include <utility>

namespace shardpipe::viz {
namespace {

constexpr int kLastShift = 62;
constexpr std::int64_t kFewBins = 64;

}  // namespace

// Fills one level. Bins come in ascending order but for one step back: a stretch reaches into a bin
// before the next one begins in the bin before.
class PyramidBuilder {
 public:
  PyramidBuilder(const Row& row, int shift)
      : row_(row), level_(shift, row.inks().size()), num_inks_(row.inks().size()) {
    level_.first_ = row.begin_ns(0) >> shift;
  }

  // A stretch in order: into bins if it is shorter than one, else into the list.
  void add(std::size_t i) {
    if (row_.length_ns(i) >= level_.width_ns()) {
      level_.long_.push_back(static_cast<std::uint32_t>(i));
      return;
    }
    const std::int64_t begin_ns = row_.begin_ns(i), end_ns = row_.end_ns(i);
    const std::int64_t bin = begin_ns >> level_.shift_;
    const std::int64_t edge_ns = std::min(end_ns, (bin + 1) << level_.shift_);
    add(bin, row_.ink(i), edge_ns - begin_ns);
    add(bin + 1, row_.ink(i), end_ns - edge_ns);
  }

  // The level below in pairs of bins, and of its long stretches those that are short now.
  void add(const Pyramid::Level& finer) {
    std::size_t bin = 0;
    const auto take_bins_until = [&](std::int64_t last) {
      for (; bin < finer.size() && finer.begin_ns(bin) >> level_.shift_ <= last; ++bin)
        for (std::size_t ink = 0; ink < num_inks_; ++ink)
          add(finer.begin_ns(bin) >> level_.shift_, ink, finer.busy_ns(bin, ink));
    };
    for (const std::uint32_t i : finer.long_) {
      if (row_.length_ns(i) < level_.width_ns()) take_bins_until(row_.begin_ns(i) >> level_.shift_);
      add(i);
    }
    take_bins_until(INT64_MAX);
  }

  Pyramid::Level finish() {
    level_.offsets_.shrink_to_fit();
    level_.narrow_.shrink_to_fit();
    level_.wide_.shrink_to_fit();
    level_.long_.shrink_to_fit();
    return std::move(level_);
  }

 private:
  void add(std::int64_t bin, std::size_t ink, std::int64_t ns) {
    if (ns <= 0) return;
    const std::size_t at = slot(static_cast<std::uint32_t>(bin - level_.first_)) * num_inks_ + ink;
    if (level_.shift_ <= Pyramid::Level::kLastNarrow)
      level_.narrow_[at] += static_cast<std::uint32_t>(ns);
    else
      level_.wide_[at] += ns;
  }

  std::size_t slot(std::uint32_t offset) {
    std::vector<std::uint32_t>& offsets = level_.offsets_;
    std::size_t at = offsets.size();
    while (at > 0 && offsets[at - 1] > offset) --at;
    if (at > 0 && offsets[at - 1] == offset) return at - 1;
    offsets.insert(offsets.begin() + static_cast<std::ptrdiff_t>(at), offset);
    const auto first = static_cast<std::ptrdiff_t>(at * num_inks_);
    if (level_.shift_ <= Pyramid::Level::kLastNarrow)
      level_.narrow_.insert(level_.narrow_.begin() + first, num_inks_, 0);
    else
      level_.wide_.insert(level_.wide_.begin() + first, num_inks_, 0);
    return at;
  }

  const Row& row_;
  Pyramid::Level level_;
  std::size_t num_inks_;
};

namespace {

// More than one stretch of sixteen is one too many in its bin. (All bins may not be asked for: a
// few tiny stretches somewhere would make the finest level far finer than the row is.)
bool is_crowded(const Row& row, int shift) {
  int in_bin = 0;
  std::size_t too_many = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const bool is_same = i > 0 && row.begin_ns(i) >> shift == row.begin_ns(i - 1) >> shift;
    in_bin = is_same ? in_bin + 1 : 1;
    if (in_bin > Pyramid::kMostInBin) ++too_many;
  }
  return too_many > row.size() / 16;
}

// The widest bins that are not crowded; bins of 1 ns may be, by stretches of no length.
int first_shift(const Row& row) {
  int low = 0, high = kLastShift;
  while (low < high) {
    const int middle = (low + high + 1) / 2;
    if (is_crowded(row, middle))
      high = middle - 1;
    else
      low = middle;
  }
  // Offsets of bins are 32 bits.
  while ((row.end_ns(row.size() - 1) - row.begin_ns(0)) >> low >= INT32_MAX) ++low;
  return low;
}

bool is_coarse(const Pyramid::Level& level, std::int64_t end_ns) {
  return end_ns >> level.shift() < kFewBins || level.shift() >= kLastShift;
}

Pyramid::Level coarser(const Row& row, const Pyramid::Level& finer) {
  PyramidBuilder builder(row, finer.shift() + 1);
  builder.add(finer);
  return builder.finish();
}

}  // namespace

Pyramid::Pyramid(const Row& row) {
  if (row.empty()) return;
  const std::int64_t end_ns = row.end_ns(row.size() - 1);
  PyramidBuilder builder(row, first_shift(row));
  for (std::size_t i = 0; i < row.size(); ++i) builder.add(i);
  levels_.push_back(builder.finish());
  while (!is_coarse(levels_.back(), end_ns)) levels_.push_back(coarser(row, levels_.back()));
}

std::size_t Pyramid::Level::first_ending_after(double at_ns) const {
  const auto bins = static_cast<std::ptrdiff_t>(size());
  std::ptrdiff_t low = 0, high = bins;
  while (low < high) {
    const std::ptrdiff_t middle = (low + high) / 2;
    if (static_cast<double>(begin_ns(static_cast<std::size_t>(middle)) + width_ns()) <= at_ns)
      low = middle + 1;
    else
      high = middle;
  }
  return static_cast<std::size_t>(low);
}

const Pyramid::Level* Pyramid::level_for(double least_ns) const {
  if (levels_.empty() || static_cast<double>(levels_[0].width_ns()) > 2 * least_ns) return nullptr;
  for (const Level& level : levels_)
    if (static_cast<double>(level.width_ns()) >= least_ns) return &level;
  return &levels_.back();
}

const Pyramid::Level* Pyramid::coarsest_up_to(double most_ns) const {
  const Level* found = nullptr;
  for (const Level& level : levels_)
    if (static_cast<double>(level.width_ns()) <= most_ns) found = &level;
  return found;
}

std::size_t Pyramid::first_long(const Row& row, const Level& level, double at_ns) {
  const std::vector<std::uint32_t>& longs = level.long_stretches();
  return static_cast<std::size_t>(
      std::partition_point(
          longs.begin(), longs.end(),
          [&](std::uint32_t i) { return static_cast<double>(row.end_ns(i)) <= at_ns; }) -
      longs.begin());
}

std::size_t Pyramid::Level::bytes() const {
  return (offsets_.capacity() + narrow_.capacity() + long_.capacity()) * sizeof(std::uint32_t) +
         wide_.capacity() * sizeof(std::int64_t);
}

std::size_t Pyramid::bytes() const {
  std::size_t bytes = 0;
  for (const Level& level : levels_) bytes += level.bytes();
  return bytes;
}

}  // namespace shardpipe::viz
