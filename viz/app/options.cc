#include "viz/app/options.h"

#include <CLI/CLI.hpp>
#include <filesystem>

#include "core/base/error.h"
#include "core/schedule/builders.h"
#include "viz/model/answered_schedule.h"
#include "viz/model/challenges.h"

namespace shardpipe::viz {

std::string name_of_file(const std::string& file) {
  return std::filesystem::path(file).stem().string();
}

std::string Options::title() const {
  if (plays) return "schedule playground";
  return name_of_file(files[0]) + (against.empty() ? "" : " and " + name_of_file(against));
}

Options parse_options(const std::vector<std::string>& words) {
  Options options;
  CLI::App app("A trace as a timeline: what each rank does, and why it waits.", "lab view");
  app.add_option("FILE", options.files,
                 "trace (./lab run ... --trace FILE), or the files of the ranks of one run");
  app.add_flag("--keep-whole", options.keeps_whole, "show what is whole of a file that breaks off");
  app.add_flag("--follow", options.follows,
               "keep up with a file that a run writes (./lab run ... --trace FILE --live)");
  app.add_option("--save", options.saved,
                 "write the trace instead: .sptrace (binary, quick to open) or .json");
  app.add_option("--screenshot", options.picture,
                 "write a picture (.png or .svg) instead; needs no display");
  app.add_option("--against", options.against, "a second trace on the same axis, and what differs");
  app.add_flag("--playground", options.plays, "a pipeline schedule with knobs, instead of a file");
  app.add_option("--schedule", options.playground.schedule, "of the playground (1f1b)")
      ->check(CLI::IsMember(schedule_names()) |
              CLI::Validator([](std::string& name) { return is_answer(name) ? "" : "none"; },
                             "mine:EXERCISE"));
  app.add_option("--stages", options.playground.stages, "of the playground (4)")
      ->check(CLI::Range(1, 32));
  app.add_option("--microbatches", options.playground.microbatches, "of the playground (8)")
      ->check(CLI::Range(1, 128));
  app.add_option("--chunks", options.playground.chunks, "of the playground (1)")
      ->check(CLI::Range(1, 8));
  app.add_option("--model", options.playground.model, "of the playground: 1B, 8B or 70B (none)");
  app.add_option("--tp", options.playground.tp, "of the playground's model (1)")
      ->check(CLI::IsMember({1, 2, 4, 8}));
  app.add_option("--challenge", options.challenge, "of the playground: the one to begin with")
      ->check(CLI::Range(std::size_t{1}, challenges().size()));
  app.add_option("--width", options.width, "of the picture, pixels (1600)")
      ->check(CLI::Range(320, 16384));
  app.add_option("--height", options.height, "of the picture, pixels (as high as the timeline)")
      ->check(CLI::Range(120, 16384));
  app.add_option("--scale", options.scale, "size of letters and lines (1)")
      ->check(CLI::Range(0.5, 4.0));
  app.add_option("--from", options.from_ms, "first moment shown, ms (0)");
  app.add_option("--to", options.to_ms, "last moment shown, ms (the end)");
  app.add_option("--select", options.select,
                 "RANK@MS: what rank RANK does then, or why it is idle");
  app.add_flag("--critical-path", options.shows_critical_path, "underline the critical path");
  app.add_flag("--what-if", options.shows_what_if, "the wall without each kind of operation");
  app.add_flag("--prediction", options.shows_prediction,
               "what a hardware profile predicts, beside what was measured");
  app.add_option("--hardware", options.hardware,
                 "profile to predict with (that of a modelled trace)");
  app.add_flag("--ideal", options.shows_ideal, "the run's own schedule, undisturbed, as ghosts");
  app.add_option(
         "--frames", options.frames,
         "paint this many frames in a window, then close it (--screenshot: what OpenGL painted)")
      ->check(CLI::Range(1, 1000000));
  app.add_flag("--light", options.is_light, "dark on white");
  app.footer("Example: ./lab view step.json --screenshot step.png --from 3 --to 8 --select 0@4.2");
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::CallForHelp&) {
    options.help = app.help();
    return options;
  } catch (const CLI::ParseError& e) {
    usage_error(text(e.what(), " (see ./lab view --help)"));
  }
  if (options.files.empty() != options.plays)
    usage_error(options.plays ? "lab view --playground takes no file (see ./lab view --help)"
                              : "lab view: name a trace file (see ./lab view --help)");
  if (options.follows && (options.files.size() != 1 || !options.against.empty()))
    usage_error("--follow goes with one trace file, and without --against");
  if (options.follows && !options.picture.empty() && options.frames == 0)
    usage_error("--follow is of a window: leave out --screenshot");
  if (options.plays && !options.hardware.empty()) options.playground.hardware = options.hardware;
  if (options.to_ms >= 0 && options.to_ms <= options.from_ms)
    usage_error(text("--to ", options.to_ms, " must be after --from ", options.from_ms));
  if (!options.saved.empty() && !options.saved.ends_with(".sptrace") &&
      !options.saved.ends_with(".json"))
    usage_error(text("--save ", options.saved, ": the name must end in .sptrace or .json"));
  if (!options.saved.empty() && (options.plays || !options.picture.empty()))
    usage_error("--save goes with a trace file, and without --screenshot");
  const auto ends_with = [&](const char* end) { return options.picture.ends_with(end); };
  if (!options.picture.empty() && !ends_with(".png") && !ends_with(".svg"))
    usage_error(text("--screenshot ", options.picture, ": the name must end in .png or .svg"));
  return options;
}

}  // namespace shardpipe::viz
