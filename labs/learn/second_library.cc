#include "labs/learn/second_library.h"

#include <filesystem>

#include "core/base/data_root.h"
#include "core/base/input_file.h"
#include "core/base/json.h"
#include "labs/learn/place.h"

namespace shardpipe {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLibrary = "libshardpipe.so";

void link_into(const std::string& folder, const std::string& name) {
  fs::remove(folder + "/" + name);  // of the mutant before this one
  fs::create_symlink(build_folder() + "/" + name, folder + "/" + name);
}

std::string replaced(std::string command, const std::string& what, const std::string& by) {
  const std::size_t at = command.rfind(what);
  if (at == std::string::npos) fail(ExitCode::fault, text(what, " is not in: ", command));
  return command.replace(at, what.size(), by);
}

}  // namespace

ChildEnd run_in_build(const std::string& line, double seconds) {
  return run_child({"/bin/sh", "-c", "cd '" + build_folder() + "' && " + line},
                   {.seconds = seconds,
                    .cpu_seconds = 4 * seconds,
                    .memory_bytes = ~std::size_t{0},
                    .output_bytes = 1 << 22});
}

void link_backends(const std::string& folder) {
  for (const auto& entry : fs::directory_iterator(build_folder())) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("libshardpipe_", 0) == 0) link_into(folder, name);
  }
}

void link_libraries(const std::string& folder) {
  link_backends(folder);
  link_into(folder, kLibrary);
}

// The last of the commands that lead to the library links it.
SecondLibrary::SecondLibrary() {
  const ChildEnd end = run_in_build(text("ninja -t commands ", kLibrary));
  if (end.exit_code != 0)
    fail(ExitCode::absent, text("ninja is needed to link the library anew: install ninja-build, "
                                "remove ",
                                shown(build_folder()), " and type ./lab build"));
  const std::size_t last = end.output.find_last_not_of('\n') + 1;
  const std::size_t begin = end.output.rfind('\n', last - 1) + 1;
  link_ = end.output.substr(begin, last - begin);
}

std::vector<LibrarySource> SecondLibrary::sources(const std::string& where) const {
  const std::string file = build_folder() + "/compile_commands.json";
  const auto commands =
      parse_json(InputFile(file, {.what = "a list of commands", .most_bytes = 64 * kMiB}).all());
  if (!commands) usage_error(text(shown(file), ": is not JSON"));
  std::vector<LibrarySource> all;
  for (const Json& entry : commands->elements()) {
    LibrarySource source{.file = shown(entry.at("file").string()),
                         .command = entry.at("command").string()};
    const std::size_t out = source.command.find(" -o ");
    if (source.file.rfind(where, 0) != 0 || out == std::string::npos) continue;
    source.object = source.command.substr(out + 4, source.command.find(' ', out + 4) - out - 4);
    if (link_.find(" " + source.object + " ") != std::string::npos) all.push_back(source);
  }
  return all;
}

std::string SecondLibrary::build(const LibrarySource& source, const std::string& text_of_file,
                                 const std::string& folder) const {
  const std::string file = data_root() + "/" + source.file;
  write_file(folder + "/changed.cc", text("#line 1 \"", file, "\"\n", text_of_file));
  std::string compile = replaced(source.command, file, folder + "/changed.cc");
  compile = replaced(compile, " -o " + source.object, " -w -o " + folder + "/changed.o");
  if (const ChildEnd end = run_in_build(compile); end.exit_code != 0)
    return end.output.empty() ? "it does not compile" : end.output;
  link_backends(folder);
  std::string link = replaced(link_, " " + source.object + " ", " " + folder + "/changed.o ");
  link = replaced(link, text("-o ", kLibrary), text("-o ", folder, "/", kLibrary));
  if (const ChildEnd end = run_in_build(link); end.exit_code != 0)
    fail(ExitCode::fault, text("a changed file does not link: ", end.output));
  return "";
}

}  // namespace shardpipe
