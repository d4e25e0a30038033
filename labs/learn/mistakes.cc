#include "labs/learn/mistakes.h"

#include "core/base/data_root.h"
#include "core/base/error.h"
#include "labs/grade/exercise_file.h"
#include "labs/grade/toml_file.h"

namespace shardpipe {
namespace {

std::string word(const toml::table& table, const char* key, const std::string& file) {
  const auto found = table[key].value<std::string>();
  if (!found || found->empty())
    fail(ExitCode::fault, text(file, ":", table.source().begin.line, ": lacks ", key));
  return *found;
}

std::vector<std::string> words(const toml::table& table, const char* key) {
  std::vector<std::string> all;
  if (const toml::array* array = table[key].as_array())
    for (const toml::node& node : *array) all.push_back(node.value_or(std::string()));
  return all;
}

Mistake mistake_of(const toml::table& table, const std::string& file) {
  Mistake mistake{.says = word(table, "says", file),
                  .is_true = word(table, "true", file),
                  .exercises = words(table, "exercises"),
                  .pages = words(table, "pages")};
  if (const toml::array* questions = table["questions"].as_array())
    for (const toml::node& node : *questions)
      if (const toml::table* one = node.as_table())
        mistake.questions.push_back({word(*one, "quiz", file), word(*one, "ask", file)});
  return mistake;
}

}  // namespace

std::vector<Mistake> all_mistakes() {
  const std::string file = data_root() + "/docs/mistakes.toml";
  const toml::table table = read_toml(file, ExitCode::fault);
  std::vector<Mistake> all;
  if (const toml::array* mistakes = table["mistake"].as_array())
    for (const toml::node& node : *mistakes)
      if (const toml::table* one = node.as_table()) all.push_back(mistake_of(*one, file));
  if (all.empty()) fail(ExitCode::fault, text(file, ": has no mistake"));
  return all;
}

}  // namespace shardpipe
