// How day01_groups is graded: every rank of several grids in all orders, against a walk through the
// grid that knows nothing of strides.
#include "exercises/day01_collectives/day01_groups.h"

#include <algorithm>
#include <functional>

#include "labs/grade/graded_exercises.h"
#include "labs/grade/guard.h"

namespace shardpipe {
namespace {

constexpr Axis kAxes[] = {Axis::tp, Axis::pp, Axis::dp};

struct Grid {
  GridShape shape = {};
  GridOrder order = {};
  std::vector<GridCoord> places = {};  // by rank

  std::string words() const {
    return text("tp = ", shape.tp, ", pp = ", shape.pp, ", dp = ", shape.dp, ", order ",
                to_string(order));
  }
};

Grid walk(const GridShape& shape, const GridOrder& order) {
  Grid grid{.shape = shape, .order = order};
  GridCoord place;
  const auto through = [&](int axis, const std::function<void()>& inside) {
    const Axis one = order[static_cast<std::size_t>(axis)];
    for (int i = 0; i < on_axis(shape, one); ++i) {
      on_axis(place, one) = i;
      inside();
    }
  };
  through(2, [&] { through(1, [&] { through(0, [&] { grid.places.push_back(place); }); }); });
  return grid;
}

// All ranks that agree with `rank` but on the axis. Of those the place on the axis rises with the
// rank.
std::vector<int> group_in(const Grid& grid, int rank, Axis axis) {
  std::vector<int> group;
  for (int other = 0; other < grid.shape.ranks(); ++other) {
    GridCoord place = grid.places[static_cast<std::size_t>(other)];
    const GridCoord& mine = grid.places[static_cast<std::size_t>(rank)];
    on_axis(place, axis) = axis == Axis::tp ? mine.tp : axis == Axis::pp ? mine.pp : mine.dp;
    if (place == mine) group.push_back(other);
  }
  return group;
}

std::string words_of(const GridCoord& place) {
  return text("tp ", place.tp, ", pp ", place.pp, ", dp ", place.dp);
}

std::string words_of(const std::vector<int>& ranks) {
  std::string all;
  for (const int rank : ranks) all += text(all.empty() ? "" : ",", rank);
  return "{" + all + "}";
}

// A line a rank, at most 12: where it should be.
std::vector<std::string> picture_of(const Grid& grid) {
  std::vector<std::string> lines = {"right places, " + grid.words()};
  for (std::size_t rank = 0; rank < std::min<std::size_t>(grid.places.size(), 12); ++rank)
    lines.push_back(text("  rank ", rank, rank < 10 ? "   " : "  ", words_of(grid.places[rank])));
  return lines;
}

class Trying {
 public:
  explicit Trying(const GroupsAnswer& answer) : answer_(answer) {}

  void run(const Grid& grid);
  Trial finish() { return std::move(trial_); }

 private:
  // `got` in words against `want`; a throw is an answer, too.
  void compare(const Grid& grid, int rank, const std::string& what,
               const std::function<std::string()>& got, const std::string& want);

  const GroupsAnswer& answer_;
  Trial trial_;
};

void Trying::compare(const Grid& grid, int rank, const std::string& what,
                     const std::function<std::string()>& got, const std::string& want) {
  ++trial_.checks;
  std::string said;
  const Guarded guarded("checker", grid.words(), rank);
  try {
    said = got();
  } catch (const Error& e) {
    trial_.not_written = trial_.not_written || e.code() == ExitCode::not_written;
    said = text("an error: ", e.what());
  } catch (const std::exception& e) {
    said = text("an exception: ", e.what());
  }
  trial_.signature += said + "\n";
  if (said == want || !trial_.findings.empty()) return;
  trial_.findings.push_back(
      {Dimension::correctness,
       text(what, " of rank ", rank, " is ", said, ", want ", want, " (", grid.words(), ")"),
       picture_of(grid)});
}

void Trying::run(const Grid& grid) {
  for (int rank = 0; rank < grid.shape.ranks(); ++rank) {
    compare(
        grid, rank, "the place",
        [&] { return words_of(answer_.place_of(rank, grid.shape, grid.order)); },
        words_of(grid.places[static_cast<std::size_t>(rank)]));
    for (const Axis axis : kAxes)
      compare(
          grid, rank, text("the ", name_of(axis), " group"),
          [&] { return words_of(answer_.members(rank, axis, grid.shape, grid.order)); },
          words_of(group_in(grid, rank, axis)));
  }
}

Trial try_answer(const GroupsAnswer& answer, std::uint64_t) {
  Trying trying(answer);
  GridOrder order = {Axis::tp, Axis::pp, Axis::dp};
  std::sort(order.begin(), order.end());
  do {
    // Unlike sizes, an axis of one rank, and a grid that is one group.
    for (const GridShape& shape :
         {GridShape{.tp = 2, .pp = 2, .dp = 2}, GridShape{.tp = 2, .pp = 3, .dp = 4},
          GridShape{.tp = 3, .pp = 1, .dp = 2}, GridShape{.tp = 5}})
      trying.run(walk(shape, order));
  } while (std::next_permutation(order.begin(), order.end()));
  return trying.finish();
}

}  // namespace

std::unique_ptr<Graded> graded_groups() {
  return make_graded(try_answer, &GroupsAnswer::place_of, &GroupsAnswer::members);
}

}  // namespace shardpipe
