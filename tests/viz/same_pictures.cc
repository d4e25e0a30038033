// Are the pictures of a folder those of another?
//   same_pictures OLD NEW      every PNG of both, one line each that differs; exit code 1 if one
//   does same_pictures --made-with  what paints on this machine, one line
//   (docs/images/made_with.txt)
#include <imgui.h>

#include <cstdio>
#include <filesystem>
#include <set>
#include <string>

#include "core/base/input_file.h"
#include "core/base/random.h"
#include "core/base/run_main.h"
#include "tests/viz/pixels.h"
#include "viz/picture/fonts.h"

namespace shardpipe::viz {
namespace {

namespace fs = std::filesystem;

// Rounding may differ with the compiler; the lightest line that is drawn differs by more.
constexpr int kLevels = 2;

std::string made_with() {
  const std::string font = system_font_file();
  const std::string bytes =
      font.empty() ? "" : InputFile(font, {.what = "a font", .most_bytes = 64 * kMiB}).all();
  return text("Dear ImGui ", IMGUI_VERSION, ", ",
              font.empty() ? "its own font" : fs::path(font).filename().string(), " of ",
              bytes.size(), " bytes, FNV-1a ", stream_of(bytes));
}

std::set<std::string> pictures_of(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".png") names.insert(entry.path().filename().string());
  return names;
}

// "" if it is the same in both.
std::string difference(const fs::path& old, const fs::path& made) {
  if (!fs::exists(made)) return "docs/images/make.sh does not make it";
  if (!fs::exists(old)) return "is made, and was not there";
  const std::size_t differ =
      pixels_that_differ(read_png(old.string()), read_png(made.string()), kLevels);
  return differ == 0 ? "" : text(differ, " pixels are not what they were; see ", made.string());
}

int compare(const std::string& old, const std::string& made) {
  std::set<std::string> names = pictures_of(old);
  names.merge(pictures_of(made));
  int differ = 0;
  for (const std::string& name : names) {
    const std::string what = difference(fs::path(old) / name, fs::path(made) / name);
    if (what.empty()) continue;
    ++differ;
    print("%s: %s\n", name.c_str(), what.c_str());
  }
  print("%zu pictures, %d differ\n", names.size(), differ);
  return differ == 0 && !names.empty() ? 0 : 1;
}

int run(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "--made-with") {
    print("%s\n", made_with().c_str());
    return 0;
  }
  if (argc != 3) usage_error("usage: same_pictures OLD NEW, or same_pictures --made-with");
  return compare(argv[1], argv[2]);
}

}  // namespace
}  // namespace shardpipe::viz

int main(int argc, char** argv) {
  return shardpipe::run_main([&] { return shardpipe::viz::run(argc, argv); });
}
