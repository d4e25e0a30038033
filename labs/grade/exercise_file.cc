#include "labs/grade/exercise_file.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <sstream>

#include "core/base/data_root.h"
#include "core/base/error.h"
#include "core/base/input_file.h"
#include "labs/grade/toml_file.h"

namespace shardpipe {
namespace {

namespace fs = std::filesystem;

// The keys of one table; what is wrong names the file and the key.
class Keys {
 public:
  Keys(const toml::table& table, std::string file) : table_(table), file_(std::move(file)) {}

  std::string word(const char* key) const { return value<std::string>(key, "a text"); }
  std::string word_or_empty(const char* key) const { return table_.contains(key) ? word(key) : ""; }
  int number(const char* key) const {
    return static_cast<int>(value<std::int64_t>(key, "a whole number"));
  }
  int number_or_zero(const char* key) const { return table_.contains(key) ? number(key) : 0; }
  std::vector<std::string> words(const char* key) const {
    return list<std::string>(key, "a list of texts");
  }
  std::vector<int> numbers(const char* key) const {
    const auto all = list<std::int64_t>(key, "a list of whole numbers");
    return {all.begin(), all.end()};
  }
  Keys table(const char* key) const {
    const toml::table* inner = table_[key].as_table();
    if (inner == nullptr) wrong(key, "a table");
    return {*inner, file_};
  }
  [[noreturn]] void wrong(const char* key, const std::string& wanted) const {
    fail(ExitCode::fault, text(file_, ": ", key, " must be ", wanted));
  }

 private:
  template <class T>
  T value(const char* key, const char* wanted) const {
    const auto found = table_[key].value<T>();
    if (!found) wrong(key, wanted);
    return *found;
  }
  template <class T>
  std::vector<T> list(const char* key, const char* wanted) const {
    std::vector<T> all;
    if (!table_.contains(key)) return all;
    const toml::array* array = table_[key].as_array();
    if (array == nullptr) wrong(key, wanted);
    for (const toml::node& node : *array) {
      const auto item = node.value<T>();
      if (!item) wrong(key, wanted);
      all.push_back(*item);
    }
    return all;
  }

  const toml::table& table_;
  std::string file_;
};

ExerciseKind kind_of(const Keys& keys) {
  const std::string word = keys.word("kind");
  for (const ExerciseKind kind :
       {ExerciseKind::implement, ExerciseKind::fix, ExerciseKind::predict, ExerciseKind::test})
    if (word == name_of(kind)) return kind;
  keys.wrong("kind", "implement, fix, predict or test");
}

// The rest of a line that begins with `prefix`.
std::string after(const std::string& prefix, const std::string& line, const std::string& file) {
  if (line.rfind(prefix, 0) != 0)
    fail(ExitCode::fault, text(file, ": a line must begin with '", prefix, "'"));
  return line.substr(prefix.size());
}

WrongAnswer read_wrong(const fs::path& path) {
  const std::string file = path.string();
  std::istringstream lines(read_file(file));
  std::string first, second;
  std::getline(lines, first);
  std::getline(lines, second);
  const std::string name = path.stem().string();
  WrongAnswer wrong{
      .code = name.substr(0, name.find('.')), .name = name, .say = after("// say: ", second, file)};
  std::istringstream words(after("// region ", first, file));
  char comma = 0;
  std::string score;
  if (!(words >> wrong.region >> comma >> score >> wrong.score) || comma != ',' || score != "score")
    fail(ExitCode::fault, text(file, ": its first line must be '// region N, score N'"));
  wrong.body = {std::istreambuf_iterator<char>(lines), {}};
  return wrong;
}

std::vector<WrongAnswer> read_all_wrong(const std::string& folder) {
  std::vector<WrongAnswer> all;
  for (const std::string& file : files_in(folder + "/wrong", ".inc"))
    all.push_back(read_wrong(file));
  std::sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.name < b.name; });
  return all;
}

ExerciseFile read_exercise(const fs::path& folder) {
  const std::string file = (folder / "exercise.toml").string();
  const toml::table table = read_toml(file, ExitCode::fault);
  const Keys keys(table, file), points = keys.table("points");
  ExerciseFile exercise{.id = folder.filename().string(),
                        .folder = folder.string(),
                        .day = keys.number("day"),
                        .order = keys.number("order"),
                        .title = keys.word("title"),
                        .chapter = keys.word("chapter"),
                        .task = keys.word_or_empty("task"),
                        .kind = kind_of(keys),
                        .minutes = keys.number("minutes"),
                        .points = {.correctness = points.number_or_zero("correctness"),
                                   .communication = points.number_or_zero("communication"),
                                   .schedule = points.number_or_zero("schedule"),
                                   .memory = points.number_or_zero("memory")},
                        .shares = keys.numbers("shares"),
                        .not_allowed = keys.words("not_allowed"),
                        .planted = keys.words("planted"),
                        .hints = keys.words("hints"),
                        .labs = keys.words("labs"),
                        .wrong = read_all_wrong(folder.string())};
  if (exercise.points.sum() != 100) keys.wrong("points", "numbers whose sum is 100");
  int shares = 0;
  for (const int share : exercise.shares) shares += share;
  if (shares != 100) keys.wrong("shares", "numbers whose sum is 100, one for each region");
  if (exercise.hints.size() != 4) keys.wrong("hints", "four texts, levels 1 to 4");
  return exercise;
}

std::string day_folder(const ExerciseFile& e) {
  return fs::path(e.folder).parent_path().filename().string();
}

const char* extension(const ExerciseFile& e) {
  return e.kind == ExerciseKind::predict ? ".toml" : ".cc";
}

}  // namespace

const char* name_of(ExerciseKind kind) {
  switch (kind) {
    case ExerciseKind::implement: return "implement";
    case ExerciseKind::fix: return "fix";
    case ExerciseKind::predict: return "predict";
    case ExerciseKind::test: return "test";
  }
  return "?";
}

std::string ExerciseFile::stub_file() const {
  return data_root() + "/exercises/" + day_folder(*this) + "/" + id + extension(*this);
}

std::string ExerciseFile::answer_file() const {
  return data_root() + "/mine/" + id + extension(*this);
}

const WrongAnswer* ExerciseFile::find_wrong(const std::string& code) const {
  for (const WrongAnswer& one : wrong)
    if (one.code == code) return &one;
  return nullptr;
}

std::vector<ExerciseFile> all_exercises() {
  std::vector<ExerciseFile> all;
  std::error_code none;
  for (const auto& day : fs::directory_iterator(data_root() + "/solutions", none))
    for (const auto& entry : fs::directory_iterator(day.path(), none))
      if (is_there((entry.path() / "exercise.toml").string()))
        all.push_back(read_exercise(entry.path()));
  std::sort(all.begin(), all.end(), [](auto& a, auto& b) {
    return std::tie(a.day, a.order, a.id) < std::tie(b.day, b.order, b.id);
  });
  return all;
}

ExerciseFile find_exercise(const std::vector<ExerciseFile>& all, const std::string& name) {
  std::vector<const ExerciseFile*> fits;
  std::string ids;
  for (const ExerciseFile& e : all) {
    if (e.id == name) return e;
    if (e.id.size() > 6 && e.id.substr(6) == name) fits.push_back(&e);
    ids += (ids.empty() ? "" : ", ") + e.id;
  }
  if (fits.size() == 1) return *fits[0];
  usage_error(text("there is no exercise '", name, "' (there are: ", ids, ")"));
}

std::map<std::string, double> read_answers(const std::string& file) {
  const toml::table table = read_toml(file, ExitCode::usage);
  std::map<std::string, double> answers;
  for (const auto& [key, node] : table) {
    if (node.value<std::string>() == "") continue;
    const auto number = node.is_number() ? node.value<double>() : std::nullopt;
    if (!number)
      usage_error(text(file, ":", node.source().begin.line, ": ", key.str(),
                       " must be a number, without quotes"));
    answers[std::string(key.str())] = *number;
  }
  return answers;
}

std::string read_file(const std::string& file) {
  return InputFile(file, {.what = "a text file", .most_bytes = 16 * kMiB}).all();
}

}  // namespace shardpipe
