#include "core/trace/terminal_ink.h"

#include <utility>

#include "core/trace/units.h"

namespace shardpipe {
namespace {

// A full cell is 7/8 high, which leaves a thin line between rows.
std::vector<std::string> bars() { return {"▁", "▂", "▃", "▄", "▅", "▆", "▇"}; }

// Colours apart in hue and lightness, told apart also by people who do not see red or green.
constexpr int kColours[kNumInks] = {75, 36, 43, 143, 140, 202, 220, 244};
constexpr int kDarker[kNumInks] = {26, 22, 29, 58, 140, 202, 220, 244};

// With colour everything is a bar; without it compute is a letter, exposed communication a bar and
// hidden communication a shade: three families that no one mixes up.
std::vector<Ramp> ramps_for(bool colour, bool unicode) {
  std::vector<Ramp> ramps = {{{"f", "F"}}, {{"b", "B"}}, {{"i", "I"}}, {{"w", "W"}},
                             {{"o", "O"}}, {{"+", "#"}}, {{"-", "="}}, {{"."}}};
  const auto set = [&](Ink ink, std::vector<std::string> glyphs) {
    ramps[static_cast<std::size_t>(ink)].glyphs = std::move(glyphs);
  };
  if (unicode) {
    set(Ink::exposed, bars());
    set(Ink::hidden, {"░", "▒", "▓"});
    set(Ink::waits, {"·"});
  }
  if (unicode && colour)
    for (const Ink ink : {Ink::forward, Ink::backward, Ink::input_gradient, Ink::weight_gradient,
                          Ink::other, Ink::hidden})
      set(ink, bars());
  for (std::size_t i = 0; i < kNumInks; ++i) {
    ramps[i].colour = kColours[i];
    ramps[i].darker = kDarker[i];
  }
  return ramps;
}

}  // namespace

InkSet::InkSet(bool colour, bool unicode)
    : ramps_(ramps_for(colour, unicode)), colour_(colour), unicode_(unicode) {}

void InkSet::draw(Ink ink, int level, std::string& out, bool is_later_stage) {
  drew_halves_ |= ink == Ink::input_gradient || ink == Ink::weight_gradient;
  drew_later_ |= is_later_stage;
  const int colour = is_later_stage ? ramp(ink).darker : ramp(ink).colour;
  if (colour_ && colour != present_colour_) {
    present_colour_ = colour;
    out += "\x1b[38;5;" + std::to_string(present_colour_) + "m";
  }
  out += ramp(ink).glyphs[static_cast<std::size_t>(level - 1)];
}

void InkSet::end_mark(std::string& out) {
  stop_colour(out);
  out += '|';
}

void InkSet::stop_colour(std::string& out) {
  if (present_colour_ != -1) out += "\x1b[0m";
  present_colour_ = -1;
}

std::string InkSet::legend(int columns) {
  static constexpr const char* kWords[kNumInks] = {"forward",
                                                   "backward",
                                                   "input gradient",
                                                   "weight gradient",
                                                   "other compute",
                                                   "exposed communication",
                                                   "hidden under compute",
                                                   "waits for a rank"};
  std::vector<std::string> items;
  const bool has_halves = drew_halves_;
  for (std::size_t i = 0; i < kNumInks; ++i) {
    const Ink ink = static_cast<Ink>(i);
    if (!has_halves && (ink == Ink::input_gradient || ink == Ink::weight_gradient)) continue;
    std::string item;
    draw(ink, levels(ink), item);
    stop_colour(item);
    items.push_back(item + " " + kWords[i]);
  }
  if (colour_ && drew_later_) items.emplace_back("darker: a later stage of the rank");
  items.push_back(!unicode_ ? "small, + or -: part of the time"
                  : colour_ ? "height: share of the time"
                            : "small, low or light: part of the time");
  std::string out, line;
  for (const std::string& item : items) {
    if (!line.empty() && width_of(line) + 3 + width_of(item) > columns) {
      out += line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : "   ") + item;
  }
  return out + line + "\n";
}

}  // namespace shardpipe
