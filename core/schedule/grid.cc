// The terminal picture. Where an action of the shortest length has a column or more, all lengths
// are whole columns, and letters and micro-batches can be read; a longer schedule shows in each
// column what the rank does in the middle of its time.
#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <limits>

#include "core/base/error.h"
#include "core/schedule/picture.h"
#include "core/schedule/text.h"

namespace shardpipe {
namespace {

constexpr int kMostRows = 64, kFewestCells = 16, kPercentWidth = 6;
constexpr int kColours[] = {75, 36, 43, 140};  // of the 256-colour palette, by ActionKind

// One character of a row and the kind that colours it; -1: none.
struct Cell {
  std::string glyph = " ";
  int kind = -1;
};

struct Scale {
  int label_width = 0, cells = 0;
  double columns_per_unit = 0;
  bool is_legible = true;  // the shortest action has a column

  int column(double time) const { return static_cast<int>(std::lround(time * columns_per_unit)); }
};

Scale scale_of(const Schedule& schedule, const Timing& timing, const GridOptions& options) {
  Scale scale;
  scale.label_width =
      static_cast<int>(text("rank ", std::max(0, schedule.num_ranks() - 1), "  ").size());
  scale.cells = options.columns - scale.label_width - kPercentWidth;
  if (scale.cells < kFewestCells)
    usage_error(text("a schedule in ", options.columns, " columns: at least ",
                     options.columns - scale.cells + kFewestCells, " are needed"));
  double shortest = std::numeric_limits<double>::infinity();
  for (const auto& times : timing.ranks)
    for (const Interval& t : times)
      if (t.end > t.start) shortest = std::min(shortest, t.end - t.start);
  const double fit = std::floor(scale.cells * shortest / timing.makespan + 1e-9);
  const double widest = static_cast<double>(std::to_string(schedule.microbatches - 1).size()) + 2;
  scale.is_legible = fit >= 1;
  scale.columns_per_unit =
      fit >= 1 ? std::min(fit, widest) / shortest : scale.cells / timing.makespan;
  return scale;
}

// Letter, micro-batch if it fits, and a line up to the end of the action.
void paint(const DrawnAction& p, int begin, int end, std::vector<Cell>& cells) {
  const std::string name = to_string({0, p.action.kind, p.action.microbatch}).substr(1);
  std::string word = static_cast<int>(name.size()) <= end - begin ? name : name.substr(0, 1);
  if (p.is_later_stage) word[0] = static_cast<char>(std::tolower(word[0]));
  for (int c = begin; c < end; ++c) {
    const auto i = static_cast<std::size_t>(c - begin);
    cells[static_cast<std::size_t>(c)] = {i < word.size() ? std::string(1, word[i]) : "─",
                                          static_cast<int>(p.action.kind)};
  }
}

// Columns of one action or less: begin to end, in whole columns.
void paint_all(const std::vector<DrawnAction>& pieces, const Scale& scale,
               std::vector<Cell>& cells) {
  for (const DrawnAction& p : pieces) {
    int begin = scale.column(p.start), end = std::min(scale.cells, scale.column(p.end));
    const int middle = (begin + end + 1) / 2;  // the F of a block before it, the B after it
    if (p.is_in_block) (p.action.with_next ? end : begin) = middle;
    if (begin < end) paint(p, begin, end, cells);
  }
}

// Columns of several actions: each gets the letter that is most behind its share so far.
void paint_shares(const std::vector<DrawnAction>& pieces, const Scale& scale,
                  std::vector<Cell>& cells) {
  constexpr std::size_t kIdle = 4;
  std::vector<std::array<double, 5>> shares(cells.size());  // of F, B, I, W and idle
  for (auto& share : shares) share[kIdle] = 1;
  for (const DrawnAction& p : pieces) {
    const double begin = p.start * scale.columns_per_unit, end = p.end * scale.columns_per_unit;
    for (auto c = static_cast<std::size_t>(begin); c < cells.size() && static_cast<double>(c) < end;
         ++c) {
      const double left = std::max(begin, static_cast<double>(c));
      const double right = std::min(end, static_cast<double>(c + 1));
      const double share = (right - left) / (p.is_in_block ? 2 : 1);
      shares[c][static_cast<std::size_t>(p.action.kind)] += share;
      shares[c][kIdle] -= share;
    }
  }
  std::array<double, 5> behind = {};
  for (std::size_t c = 0; c < cells.size(); ++c) {
    for (std::size_t kind = 0; kind < behind.size(); ++kind) behind[kind] += shares[c][kind];
    const auto most = std::max_element(behind.begin(), behind.end());
    *most -= 1;
    const auto kind = static_cast<std::size_t>(most - behind.begin());
    if (kind != kIdle) cells[c] = {std::string(1, "FBIW"[kind]), static_cast<int>(kind)};
  }
}

std::string coloured(const std::vector<Cell>& cells, bool colour) {
  std::string out;
  int present = -1;
  for (const Cell& cell : cells) {
    if (colour && cell.kind != present && cell.kind >= 0) {
      out += text("\x1b[38;5;", kColours[cell.kind], "m");
      present = cell.kind;
    }
    out += cell.glyph;
  }
  return present == -1 ? out : out + "\x1b[0m";
}

std::string row(const std::vector<DrawnAction>& pieces, const Scale& scale, bool colour) {
  std::vector<Cell> cells(static_cast<std::size_t>(scale.cells));
  if (scale.is_legible)
    paint_all(pieces, scale, cells);
  else
    paint_shares(pieces, scale, cells);
  return coloured(cells, colour);
}

std::string axis(const Scale& scale, double makespan) {
  const double step = round_step(std::max(6 / scale.columns_per_unit, makespan / 20));
  std::string out(static_cast<std::size_t>(scale.label_width), ' ');
  for (int i = 0; i * step <= makespan * (1 + 1e-9); ++i) {
    const std::size_t at = static_cast<std::size_t>(scale.label_width + scale.column(i * step));
    const std::string label = "|" + number_text(i * step);
    if (at < out.size() ||
        at + label.size() > static_cast<std::size_t>(scale.label_width + scale.cells))
      continue;
    out.resize(at, ' ');
    out += label;
  }
  return out;
}

std::string legend(const Schedule& schedule, bool is_legible) {
  std::string out;
  for (const ActionKind kind : kinds_in(schedule))
    out +=
        text(out.empty() ? "" : "   ", "FBIW"[static_cast<std::size_t>(kind)], " ", words_of(kind));
  if (!is_legible) return out + "   a column stands for several actions\n";
  out += "   number: micro-batch";
  const bool several = stages_of_rank(schedule, 0).size() > 1;
  return out + (several ? "\nsmall letter: a later stage of the same rank\n" : "\n");
}

}  // namespace

std::string draw_grid(const Schedule& schedule, const Timing& timing, const GridOptions& options) {
  const Scale scale = scale_of(schedule, timing, options);
  std::string out = axis(scale, timing.makespan);
  out.resize(static_cast<std::size_t>(scale.label_width + scale.cells), ' ');
  out += "  busy\n";
  const int rows = std::min(schedule.num_ranks(), kMostRows);
  for (int rank = 0; rank < rows; ++rank) {
    const std::vector<DrawnAction> pieces = pieces_of(schedule, timing, rank);
    std::string label = text("rank ", rank);
    label.resize(static_cast<std::size_t>(scale.label_width), ' ');
    char percent[16];
    std::snprintf(percent, sizeof percent, "%*.0f%%\n", kPercentWidth - 1,
                  100 * busy_share(pieces, timing.makespan));
    out += label + row(pieces, scale, options.colour) + percent;
  }
  if (rows < schedule.num_ranks())
    out += text("ranks ", rows, " to ", schedule.num_ranks() - 1, " are not drawn\n");
  return out + legend(schedule, scale.is_legible);
}

}  // namespace shardpipe
