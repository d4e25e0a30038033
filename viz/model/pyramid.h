// Pyramid: a row at every zoom. Level k has bins of width_ns = 2^shift, laid from time 0, so that a
// picture moves but does not flicker when it is panned. A bin knows how long each ink is busy in
// it, counting only stretches shorter than the width; all others are listed one by one. So on each
// level every stretch is counted exactly once:
//   sum over bins + sum over long stretches = busy time of the row          (tests/viz)
// Bins without ink are not stored, so a burst in a long silence is as cheap as an even row.
#pragma once

#include <cstdint>
#include <vector>

#include "viz/model/row.h"

namespace shardpipe::viz {

class Pyramid {
 public:
  // 4 bytes a bin and 4 a bin and ink, up to bins of 2^31 ns; 8 beyond (a trace has few of those).
  class Level {
   public:
    Level(int shift, std::size_t num_inks) : shift_(shift), num_inks_(num_inks) {}

    int shift() const { return shift_; }
    std::int64_t width_ns() const { return std::int64_t{1} << shift_; }
    std::size_t size() const { return offsets_.size(); }  // bins with ink
    std::int64_t begin_ns(std::size_t bin) const { return (first_ + offsets_[bin]) << shift_; }
    std::int64_t busy_ns(std::size_t bin, std::size_t ink) const {
      const std::size_t at = bin * num_inks_ + ink;
      return shift_ <= kLastNarrow ? static_cast<std::int64_t>(narrow_[at]) : wide_[at];
    }
    // The first bin that ends after `at_ns`; size() if there is none. O(log n)
    std::size_t first_ending_after(double at_ns) const;
    // Indices of the stretches that are at least width_ns() long, ascending.
    const std::vector<std::uint32_t>& long_stretches() const { return long_; }

    std::size_t bytes() const;

   private:
    friend class PyramidBuilder;
    static constexpr int kLastNarrow = 31;

    int shift_;
    std::size_t num_inks_;
    std::int64_t first_ = 0;              // bin that offset 0 stands for
    std::vector<std::uint32_t> offsets_;  // ascending
    std::vector<std::uint32_t> narrow_;   // [bins, inks], ns
    std::vector<std::int64_t> wide_;      // the same
    std::vector<std::uint32_t> long_;
  };

  static constexpr int kMostInBin = 4;

  Pyramid() = default;
  // O(n) a level. In the finest level at most kMostInBin stretches begin in a bin, but for one
  // stretch of sixteen, so that a view too close for it has few to draw; the coarsest holds the row
  // in at most 64 bins.
  explicit Pyramid(const Row& row);

  // The finest level whose bins are at least this wide; nullptr if even the finest is more than
  // twice as wide (there are few stretches then: draw them one by one).
  const Level* level_for(double least_ns) const;

  // Calls f(index) for all stretches of the row that are at least `least_ns` long and in
  // [begin, end), in order; for some that are shorter, but at least half as long, too. As many
  // steps as there are such stretches, or, closer than the finest level, as there are stretches
  // there.
  template <class F>
  void each_long(const Row& row, double least_ns, double begin_ns, double end_ns,
                 const F& f) const {
    const Level* level = coarsest_up_to(least_ns);
    std::size_t i =
        level != nullptr ? first_long(row, *level, begin_ns) : row.first_ending_after(begin_ns);
    const std::size_t size = level != nullptr ? level->long_stretches().size() : row.size();
    for (; i < size; ++i) {
      const std::size_t stretch = level != nullptr ? level->long_stretches()[i] : i;
      if (static_cast<double>(row.begin_ns(stretch)) >= end_ns) break;
      f(stretch);
    }
  }

  // Position in long_stretches() of the first that ends after `at_ns`.
  static std::size_t first_long(const Row& row, const Level& level, double at_ns);

  const std::vector<Level>& levels() const { return levels_; }
  std::size_t bytes() const;

 private:
  const Level* coarsest_up_to(double most_ns) const;

  std::vector<Level> levels_;
};

}  // namespace shardpipe::viz
