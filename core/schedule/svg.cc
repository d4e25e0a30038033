// A schedule as SVG: a box an action, as long as it lasts; the two of a block lie above each other.
#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/base/error.h"
#include "core/base/markup.h"
#include "core/schedule/picture.h"
#include "core/schedule/text.h"

namespace shardpipe {
namespace {

constexpr std::size_t kMostActions = 200'000;
constexpr double kLeft = 64, kTop = 48, kRow = 26, kGap = 4, kDigit = 7;  // pixels

// Blue, orange, teal and purple; white text on each has a contrast of 4.5 or more.
constexpr const char* kFirstStage[] = {"#2f6db3", "#b0501a", "#1f7a6d", "#7d4fa0"};  // F B I W
constexpr const char* kLaterStage[] = {"#1c4272", "#74330e", "#124a42", "#4e2f66"};

std::string label(double x, double y, const std::string& words, const std::string& more = "") {
  return text("<text x=\"", pixels(x), "\" y=\"", pixels(y), "\"", more, ">", words, "</text>\n");
}

class Drawing {
 public:
  Drawing(const Schedule& schedule, const Timing& timing, const Costs& costs)
      : schedule_(schedule), timing_(timing), costs_(costs) {
    const double digits = static_cast<double>(std::to_string(schedule.microbatches - 1).size());
    double shortest = timing.makespan;
    for (const auto& times : timing.ranks)
      for (const Interval& t : times)
        if (t.end > t.start) shortest = std::min(shortest, t.end - t.start);
    // Wide enough for numbers in the shortest action, within 2400 pixels in all.
    const double wanted = (digits * kDigit + 8) / shortest;
    unit_ = std::min(wanted, 2400 / timing.makespan);
    width_ = std::max(640.0, kLeft + unit_ * timing.makespan + 24);
    bottom_ = kTop + kRow * schedule.num_ranks();
  }

  std::string run() {
    out_ << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << pixels(width_) << "\" height=\""
         << pixels(bottom_ + 60) << "\" font-family=\"sans-serif\" font-size=\"12\">\n"
         << "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
    title();
    axis();
    for (int rank = 0; rank < schedule_.num_ranks(); ++rank) row(rank);
    legend();
    out_ << "</svg>\n";
    return out_.str();
  }

 private:
  double x(double time) const { return kLeft + unit_ * time; }

  void title() {
    out_ << label(8, 18,
                  text(escaped(schedule_.name), ": ", schedule_.num_ranks(), " ranks, ",
                       schedule_.microbatches, " micro-batches, ", schedule_.stages, " stages"),
                  " font-size=\"14\" font-weight=\"bold\"")
         << label(8, 36,
                  text(costs_text(), ", C ", number_text(costs_.C), ": makespan ",
                       number_text(timing_.makespan), ", bubble ",
                       number_text(std::round(1000 * timing_.bubble_over_ideal) / 10),
                       " % over ideal"));
  }

  std::string costs_text() const {
    if (!costs_.stages.empty()) return "F, I and W differ by stage";
    return text("F ", number_text(costs_.F), ", I ", number_text(costs_.I), ", W ",
                number_text(costs_.W));
  }

  void axis() {
    const double step = round_step(std::max(40 / unit_, timing_.makespan / 30));
    for (int i = 0; i * step <= timing_.makespan * (1 + 1e-9); ++i) {
      const double at = x(i * step);
      out_ << "<line x1=\"" << pixels(at) << "\" y1=\"" << pixels(kTop) << "\" x2=\"" << pixels(at)
           << "\" y2=\"" << pixels(bottom_ + 4) << "\" stroke=\"#d0d0d0\"/>\n"
           << label(at, bottom_ + 18, number_text(i * step), " text-anchor=\"middle\"");
    }
    out_ << label(8, bottom_ + 18, "time");
  }

  void row(int rank) {
    const double y = kTop + kRow * rank;
    out_ << label(8, y + kRow / 2 + 4, text("rank ", rank));
    for (const DrawnAction& p : pieces_of(schedule_, timing_, rank)) {
      const double height = p.is_in_block ? (kRow - kGap) / 2 : kRow - kGap;
      const bool is_lower = p.is_in_block && !p.action.with_next;
      box(p, y + kGap / 2 + (is_lower ? height : 0), height);
    }
  }

  void box(const DrawnAction& p, double y, double height) {
    const auto kind = static_cast<std::size_t>(p.action.kind);
    const double width = unit_ * (p.end - p.start);
    out_ << "<rect x=\"" << pixels(x(p.start)) << "\" y=\"" << pixels(y) << "\" width=\""
         << pixels(width) << "\" height=\"" << pixels(height) << "\" fill=\""
         << (p.is_later_stage ? kLaterStage : kFirstStage)[kind] << "\" stroke=\"#ffffff\"><title>"
         << to_string(p.action) << ": " << number_text(p.start) << " to " << number_text(p.end)
         << "</title></rect>\n";
    const std::string number = std::to_string(p.action.microbatch);
    if (width < kDigit * static_cast<double>(number.size()) + 2) return;
    const std::string size = p.is_in_block ? " font-size=\"10\"" : "";
    out_ << label(x((p.start + p.end) / 2), y + height / 2 + 4, number,
                  size + " fill=\"#ffffff\" text-anchor=\"middle\" pointer-events=\"none\"");
  }

  void legend() {
    double at = kLeft;
    const double y = bottom_ + 34;
    const auto entry = [&](const char* colour, const std::string& words) {
      out_ << "<rect x=\"" << pixels(at) << "\" y=\"" << pixels(y)
           << "\" width=\"14\" height=\"14\" fill=\"" << colour << "\"/>\n"
           << label(at + 20, y + 11, words);
      at += 36 + kDigit * static_cast<double>(words.size());
    };
    const auto kinds = kinds_in(schedule_);
    for (const ActionKind kind : kinds)
      entry(kFirstStage[static_cast<std::size_t>(kind)], words_of(kind));
    if (stages_of_rank(schedule_, 0).size() > 1)
      entry(kLaterStage[0], "darker: a later stage of the rank");
    out_ << label(at, y + 11, "numbers: micro-batches");
  }

  const Schedule& schedule_;
  const Timing& timing_;
  const Costs& costs_;
  double unit_ = 0, width_ = 0, bottom_ = 0;
  std::ostringstream out_;
};

}  // namespace

std::string draw_svg(const Schedule& schedule, const Timing& timing, const Costs& costs) {
  std::size_t actions = 0;
  for (const auto& order : schedule.ranks) actions += order.size();
  if (actions > kMostActions)
    usage_error(text(actions, " actions are too many for one picture: at most ", kMostActions));
  return Drawing(schedule, timing, costs).run();
}

}  // namespace shardpipe
