// What the characters of a terminal timeline look like: a ramp of glyphs and a colour for each Ink.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace shardpipe {

enum class Ink : std::uint8_t {
  forward,
  backward,         // both gradients, or not said which
  input_gradient,   // one half of a split backward
  weight_gradient,  // its other half
  other,
  exposed,
  hidden,
  waits,
};
constexpr std::size_t kNumInks = 8;

struct Ramp {
  std::vector<std::string> glyphs = {};  // from little busy to busy all the time; never empty
  int colour = 0;                        // of the 256-colour palette
  int darker = 0;                        // the same for a later stage of its rank
};

class InkSet {
 public:
  InkSet(bool colour, bool unicode);

  int levels(Ink ink) const { return static_cast<int>(ramp(ink).glyphs.size()); }

  // Level 1 .. levels(ink). Colour is changed only where it differs from the last one; without
  // colour a later stage looks as the first.
  void draw(Ink ink, int level, std::string& out, bool is_later_stage = false);
  void end_mark(std::string& out);  // where the shorter trace of a pair ends
  void stop_colour(std::string& out);

  // Lines of at most `columns`. What only some pictures have is listed if it was drawn.
  std::string legend(int columns);

 private:
  const Ramp& ramp(Ink ink) const { return ramps_[static_cast<std::size_t>(ink)]; }

  std::vector<Ramp> ramps_;  // by Ink
  bool colour_, unicode_;
  bool drew_halves_ = false, drew_later_ = false;
  int present_colour_ = -1;
};

}  // namespace shardpipe
