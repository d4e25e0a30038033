#include "labs/learn/source_mutants.h"

#include <algorithm>
#include <iostream>
#include <sstream>

#include "core/base/data_root.h"
#include "core/base/input_file.h"
#include "core/base/json.h"
#include "core/base/random.h"
#include "core/base/terminal.h"
#include "labs/cli/scratch_folder.h"
#include "labs/learn/mutations.h"
#include "labs/learn/place.h"
#include "labs/learn/test_programs.h"

namespace shardpipe {
namespace {

struct Source {
  std::string file = {};     // below the root
  std::string command = {};  // that compiles it
  std::string object = {};   // below the build folder
};

struct Mutant {
  const Source* source = nullptr;
  Mutation mutation = {};
};

std::string replaced(std::string command, const std::string& what, const std::string& by) {
  const std::size_t at = command.rfind(what);
  if (at == std::string::npos) fail(ExitCode::fault, text(what, " is not in: ", command));
  return command.replace(at, what.size(), by);
}

std::string link_command() {
  const std::string all = run_in_build("ninja -t commands libshardpipe.so").output;
  const std::size_t end = all.find_last_not_of('\n') + 1;
  return all.substr(all.rfind('\n', end - 1) + 1, end - all.rfind('\n', end - 1) - 1);
}

// Of the library, below `where`.
std::vector<Source> sources_below(const std::string& where, const std::string& link) {
  const std::string file = build_folder() + "/compile_commands.json";
  const auto commands =
      parse_json(InputFile(file, {.what = "a list of commands", .most_bytes = 64 * kMiB}).all());
  std::vector<Source> all;
  if (!commands) usage_error(text(shown(file), ": is not JSON"));
  for (const Json& entry : commands->elements()) {
    Source source{.file = shown(entry.at("file").string()),
                  .command = entry.at("command").string()};
    const std::size_t out = source.command.find(" -o ");
    if (source.file.rfind(where, 0) != 0 || out == std::string::npos) continue;
    source.object = source.command.substr(out + 4, source.command.find(' ', out + 4) - out - 4);
    if (link.find(" " + source.object + " ") != std::string::npos) all.push_back(source);
  }
  if (all.empty())
    usage_error(text(where, ": no file of libshardpipe.so is there (try core/comm)"));
  return all;
}

std::string text_of(const Source& source) { return read_file(data_root() + "/" + source.file); }

std::vector<Mutant> drawn(const std::vector<Source>& sources, const MutantOptions& options) {
  std::vector<std::pair<std::uint64_t, Mutant>> all;
  for (const Source& source : sources)
    for (Mutation& m : source_mutations_of(text_of(source)))
      all.emplace_back(random_bits(options.seed, 0, all.size()), Mutant{&source, std::move(m)});
  std::sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.first < b.first; });
  std::vector<Mutant> some;
  const auto count = options.sample > 0 ? static_cast<std::size_t>(options.sample) : all.size();
  for (std::size_t i = 0; i < std::min(count, all.size()); ++i)
    some.push_back(std::move(all[i].second));
  return some;
}

// Compiles and links into `folder`; false if it does not compile. What it says of its place
// (Where) is what the file itself would say.
bool build(const Mutant& mutant, const std::string& link, const std::string& folder) {
  const std::string source = data_root() + "/" + mutant.source->file;
  write_file(folder + "/mutant.cc",
             text("#line 1 \"", source, "\"\n", with(text_of(*mutant.source), mutant.mutation)));
  std::string compile = replaced(mutant.source->command, source, folder + "/mutant.cc");
  compile = replaced(compile, " -o " + mutant.source->object, " -w -o " + folder + "/mutant.o");
  if (run_in_build(compile).exit_code != 0) return false;
  std::string second =
      replaced(link, " " + mutant.source->object + " ", " " + folder + "/mutant.o ");
  second = replaced(second, "-o libshardpipe.so", "-o " + folder + "/libshardpipe.so");
  if (const ChildEnd end = run_in_build(second); end.exit_code != 0)
    fail(ExitCode::fault, text("a mutant does not link: ", end.output));
  return true;
}

std::string line_of(const Mutant& mutant) {
  const std::string source = text_of(*mutant.source);
  const std::size_t begin = source.rfind('\n', mutant.mutation.begin) + 1;
  const std::string line = source.substr(begin, source.find('\n', mutant.mutation.begin) - begin);
  return line.substr(std::min(line.find_first_not_of(' '), line.size()));
}

}  // namespace

int try_source_mutants(const std::string& where, const MutantOptions& options) {
  const std::string link = link_command();
  const std::vector<Source> sources = sources_below(where, link);
  int seen = 0, survived = 0, not_compiled = 0;
  TestPrograms tests;
  const ScratchFolder folder;
  for (const Mutant& mutant : drawn(sources, options)) {
    const std::string name = text(mutant.source->file, " ", mutant.mutation.name);
    if (!build(mutant, link, folder.path())) {
      ++not_compiled;
      continue;
    }
    const std::string test = tests.seen_by(mutant.source->file, folder.path());
    ++(test.empty() ? survived : seen);
    print("%-64s %s\n", name.c_str(), test.empty() ? "SURVIVED" : test.c_str());
    if (test.empty()) print("    %s\n", line_of(mutant).c_str());
    std::cout.flush();
  }
  print("%d mutants: %d seen by a test, %d survived; %d more did not compile\n", seen + survived,
        seen, survived, not_compiled);
  return survived;
}

}  // namespace shardpipe
