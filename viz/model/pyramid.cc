#include "viz/model/pyramid.h"

#include <algorithm>

namespace shardpipe::viz {
namespace {

constexpr int kLastShift = 62;
constexpr std::size_t kFewBins = 64;

// Adds ink to the bins of a level. Bins come in ascending order but for one step back (a stretch
// reaches into a bin before the next one begins in the bin before).
class Binner {
 public:
  Binner(Pyramid::Level& level, std::size_t num_inks) : level_(level), num_inks_(num_inks) {}

  void add(std::int64_t bin, std::size_t ink, std::int64_t ns) {
    if (ns > 0) level_.busy_ns[slot(bin) * num_inks_ + ink] += ns;
  }

  // A stretch not longer than a bin: it touches at most two.
  void add(const Row& row, std::size_t i) {
    const std::int64_t begin_ns = row.begin_ns(i), end_ns = row.end_ns(i);
    const std::int64_t bin = begin_ns >> level_.shift;
    const std::int64_t edge_ns = std::min(end_ns, (bin + 1) << level_.shift);
    add(bin, row.ink(i), edge_ns - begin_ns);
    add(bin + 1, row.ink(i), end_ns - edge_ns);
  }

 private:
  std::size_t slot(std::int64_t bin) {
    std::size_t at = level_.bins.size();
    while (at > 0 && level_.bins[at - 1] > bin) --at;
    if (at > 0 && level_.bins[at - 1] == bin) return at - 1;
    const auto offset = [](std::size_t n) { return static_cast<std::ptrdiff_t>(n); };
    level_.bins.insert(level_.bins.begin() + offset(at), bin);
    level_.busy_ns.insert(level_.busy_ns.begin() + offset(at * num_inks_), num_inks_, 0);
    return at;
  }

  Pyramid::Level& level_;
  std::size_t num_inks_;
};

Pyramid::Level finest(const Row& row, int shift) {
  Pyramid::Level level{.shift = shift};
  Binner binner(level, row.inks().size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row.length_ns(i) >= level.width_ns())
      level.long_stretches.push_back(static_cast<std::uint32_t>(i));
    else
      binner.add(row, i);
  }
  return level;
}

// Bins in pairs, and the stretches that are now shorter than a bin, in order of time.
Pyramid::Level coarser(const Row& row, const Pyramid::Level& fine) {
  const std::size_t num_inks = row.inks().size();
  Pyramid::Level level{.shift = fine.shift + 1};
  Binner binner(level, num_inks);
  std::size_t bin = 0;
  const auto take_bins_until = [&](std::int64_t last) {
    for (; bin < fine.bins.size() && fine.bins[bin] >> 1 <= last; ++bin)
      for (std::size_t ink = 0; ink < num_inks; ++ink)
        binner.add(fine.bins[bin] >> 1, ink, fine.busy_ns[bin * num_inks + ink]);
  };
  for (const std::uint32_t i : fine.long_stretches) {
    if (row.length_ns(i) >= level.width_ns()) {
      level.long_stretches.push_back(i);
      continue;
    }
    take_bins_until(row.begin_ns(i) >> level.shift);
    binner.add(row, i);
  }
  take_bins_until(INT64_MAX);
  return level;
}

int first_shift(const Row& row) {
  std::vector<std::int64_t> lengths(row.size());
  for (std::size_t i = 0; i < row.size(); ++i) lengths[i] = row.length_ns(i);
  const auto nth = lengths.begin() + static_cast<std::ptrdiff_t>(row.size() / 16);
  std::nth_element(lengths.begin(), nth, lengths.end());
  int shift = 0;
  while (shift < kLastShift && std::int64_t{1} << shift <= *nth) ++shift;
  return shift;
}

bool is_coarse(const Pyramid::Level& level, std::int64_t end_ns) {
  return end_ns >> level.shift < static_cast<std::int64_t>(kFewBins) || level.shift >= kLastShift;
}

}  // namespace

Pyramid::Pyramid(const Row& row) {
  if (row.empty()) return;
  const std::int64_t end_ns = row.end_ns(row.size() - 1);
  Level level = finest(row, first_shift(row));
  while (level.bins.size() > row.size() / 2 && !is_coarse(level, end_ns))
    level = coarser(row, level);
  levels_.push_back(std::move(level));
  while (!is_coarse(levels_.back(), end_ns)) levels_.push_back(coarser(row, levels_.back()));
  for (Level& l : levels_) {
    l.bins.shrink_to_fit();
    l.busy_ns.shrink_to_fit();
    l.long_stretches.shrink_to_fit();
  }
}

const Pyramid::Level* Pyramid::level_for(double least_ns) const {
  if (levels_.empty() || static_cast<double>(levels_[0].width_ns()) > 2 * least_ns) return nullptr;
  for (const Level& level : levels_)
    if (static_cast<double>(level.width_ns()) >= least_ns) return &level;
  return &levels_.back();
}

std::size_t Pyramid::bytes() const {
  std::size_t bytes = 0;
  for (const Level& level : levels_)
    bytes += (level.bins.capacity() + level.busy_ns.capacity()) * sizeof(std::int64_t) +
             level.long_stretches.capacity() * sizeof(std::uint32_t);
  return bytes;
}

}  // namespace shardpipe::viz
