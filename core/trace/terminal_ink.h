// What the characters of a terminal timeline look like: a ramp of glyphs and a colour for each Ink.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace shardpipe {

enum class Ink : std::uint8_t { forward, backward, other, exposed, hidden, waits };
constexpr std::size_t kNumInks = 6;

struct Ramp {
  std::vector<std::string> glyphs = {};  // from little busy to busy all the time; never empty
  int colour = 0;                        // of the 256-colour palette
};

class InkSet {
 public:
  InkSet(bool colour, bool unicode);

  int levels(Ink ink) const { return static_cast<int>(ramp(ink).glyphs.size()); }

  // Level 1 .. levels(ink). Colour is changed only where it differs from the last one.
  void draw(Ink ink, int level, std::string& out);
  void end_mark(std::string& out);  // where the shorter trace of a pair ends
  void stop_colour(std::string& out);

  // Lines of at most `columns`.
  std::string legend(int columns);

 private:
  const Ramp& ramp(Ink ink) const { return ramps_[static_cast<std::size_t>(ink)]; }

  std::vector<Ramp> ramps_;  // by Ink
  bool colour_, unicode_;
  int present_colour_ = -1;
};

}  // namespace shardpipe
