#include "labs/learn/plants.h"

#include <algorithm>
#include <map>
#include <sstream>

#include "core/base/error.h"
#include "labs/learn/answer.h"
#include "labs/learn/child.h"
#include "labs/learn/place.h"

namespace shardpipe {
namespace {

std::vector<std::string> lines_of_nm(const char* names) {
  const ChildEnd end =
      run_child({find_program("nm", "the core's functions are listed with it"), "-D",
                 "--defined-only", "--no-sort", names, build_folder() + "/libshardpipe.so"},
                {.output_bytes = 1 << 24});
  std::vector<std::string> all;
  std::istringstream lines(end.output);
  for (std::string line; std::getline(lines, line);) all.push_back(line);
  return all;
}

// Name -> symbol: one for each overload.
const std::multimap<std::string, std::string>& core_functions() {
  static const auto all = [] {
    std::multimap<std::string, std::string> functions;
    const auto symbols = lines_of_nm("--no-demangle"), words = lines_of_nm("--demangle");
    if (symbols.size() != words.size()) fail(ExitCode::fault, "nm says two different things");
    for (std::size_t i = 0; i < words.size(); ++i)
      functions.emplace(function_in(words[i]), symbols[i].substr(symbols[i].rfind(' ') + 1));
    return functions;
  }();
  return all;
}

constexpr const char* kEntry =
    "extern \"C\" [[gnu::visibility(\"default\")]] void shardpipe_answer(void*) {\n";

}  // namespace

std::vector<Plant> plants_of(const ExerciseFile& exercise) {
  std::string declared, called, symbol = "shardpipe_answer";
  int number = 0;
  for (const std::string& function : exercise.not_allowed) {
    const auto [begin, end] = core_functions().equal_range(function);
    if (begin == end)
      usage_error(text("not_allowed names ", function, ", which the core does not have"));
    symbol = begin->second;
    declared += text("void planted_", ++number, "() __asm__(\"", symbol, "\");\n");
    called += text("  of_mine::planted_", number, "();\n");
  }
  std::vector<std::string> all = exercise.not_allowed;
  std::sort(all.begin(), all.end());
  std::vector<Plant> plants;
  if (!all.empty())
    plants.push_back({"an answer that calls the core",
                      text("namespace of_mine {\n", declared, "}\n", kEntry, called, "}\n"), all});
  plants.push_back({"an answer that looks for the core's by name",
                    text("#include <dlfcn.h>\n", kEntry, "  reinterpret_cast<void (*)()>(dlsym(",
                         "dlopen(nullptr, RTLD_NOW), \"", symbol, "\"))();\n}\n"),
                    {"dlopen", "dlsym"}});
  return plants;
}

}  // namespace shardpipe
