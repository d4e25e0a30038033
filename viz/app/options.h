// The command line of lab-view.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "viz/model/playground.h"

namespace shardpipe::viz {

struct Options {
  std::vector<std::string> files = {};
  bool keeps_whole = false;      // of a file that breaks off, what stands before
  std::string saved = {};        // --save: write the trace there instead
  std::string against = {};      // a second trace, to compare with
  std::string picture = {};      // --screenshot: .png or .svg; "": a window
  int width = 1600, height = 0;  // 0: as high as the timeline
  double scale = 1;
  double from_ms = 0;
  double to_ms = -1;  // -1: the end
  bool is_light = false, shows_critical_path = false;
  bool shows_what_if = false, shows_prediction = false, shows_ideal = false;
  std::string hardware = {};  // profile to predict with
  std::string select = {};    // "RANK@MS"

  bool follows = false;  // the file, which a run may be writing

  bool plays = false;  // the schedule playground instead of a file
  PlaygroundSettings playground = {};
  int challenge = 0;  // of the playground, from 1; 0: none
  int frames = 0;     // of a window that closes by itself; 0: it stays

  std::string help = {};  // not empty: print it, do nothing

  std::string title() const;  // of the window: names of the files
};

// "traces/step.json" is called "step".
std::string name_of_file(const std::string& file);

// usage_error for words it does not know.
Options parse_options(const std::vector<std::string>& words);

}  // namespace shardpipe::viz
