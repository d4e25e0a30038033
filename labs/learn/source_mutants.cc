#include "labs/learn/source_mutants.h"

#include <algorithm>
#include <iostream>
#include <sstream>

#include "core/base/data_root.h"
#include "core/base/input_file.h"
#include "core/base/random.h"
#include "core/base/terminal.h"
#include "labs/cli/scratch_folder.h"
#include "labs/learn/mutations.h"
#include "labs/learn/second_library.h"
#include "labs/learn/test_programs.h"

namespace shardpipe {
namespace {

struct Mutant {
  const LibrarySource* source = nullptr;
  Mutation mutation = {};
};

std::string text_of(const LibrarySource& source) {
  return read_file(data_root() + "/" + source.file);
}

// line: "l86_", whose mutants these are; "": all lines'.
std::vector<Mutant> drawn(const std::vector<LibrarySource>& sources, const std::string& line,
                          const MutantOptions& options) {
  std::vector<std::pair<std::uint64_t, Mutant>> all;
  for (const LibrarySource& source : sources)
    for (Mutation& m : source_mutations_of(text_of(source)))
      if (m.name.rfind(line, 0) == 0)
        all.emplace_back(random_bits(options.seed, 0, all.size()), Mutant{&source, std::move(m)});
  std::sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.first < b.first; });
  std::vector<Mutant> some;
  const auto count = options.sample > 0 ? static_cast<std::size_t>(options.sample) : all.size();
  for (std::size_t i = 0; i < std::min(count, all.size()); ++i)
    some.push_back(std::move(all[i].second));
  return some;
}

std::string line_of(const Mutant& mutant) {
  const std::string source = text_of(*mutant.source);
  const std::size_t begin = source.rfind('\n', mutant.mutation.begin) + 1;
  const std::string line = source.substr(begin, source.find('\n', mutant.mutation.begin) - begin);
  return line.substr(std::min(line.find_first_not_of(' '), line.size()));
}

}  // namespace

int try_source_mutants(const std::string& where, const MutantOptions& options) {
  const SecondLibrary library;
  const std::size_t colon = where.find(':');
  const std::string line =
      colon == std::string::npos ? "" : text("l", where.substr(colon + 1), "_");
  const std::vector<LibrarySource> sources = library.sources(where.substr(0, colon));
  if (sources.empty())
    usage_error(text(where, ": no file of libshardpipe.so is there (try core/comm)"));
  int seen = 0, survived = 0, not_compiled = 0;
  TestPrograms tests;
  const ScratchFolder folder;
  for (const Mutant& mutant : drawn(sources, line, options)) {
    const std::string name = text(mutant.source->file, " ", mutant.mutation.name);
    const std::string changed = with(text_of(*mutant.source), mutant.mutation);
    if (!library.build(*mutant.source, changed, folder.path()).empty()) {
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
