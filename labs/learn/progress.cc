#include "labs/learn/progress.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <set>
#include <sstream>

#include "core/base/data_root.h"
#include "core/base/error.h"
#include "core/base/input_file.h"
#include "core/base/json.h"
#include "labs/learn/place.h"

namespace shardpipe {
namespace {

constexpr const char* kFile = "/progress.jsonl";
constexpr InputUse kDiary = {.what = "a diary of what was checked", .most_bytes = 256 * kMiB};

std::string now_words() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc = {};
  gmtime_r(&now, &utc);
  char words[32];
  std::strftime(words, sizeof words, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return words;
}

// One write, so that two programs at once do not mix their lines. A last line that was cut off is
// closed first.
void append(Json event) {
  event.set("t", now_words());
  const std::string file = state_folder() + kFile;
  std::string line = event.dump() + "\n";
  // no OutputFile: a line is added, and what is there is never touched
  const int out = open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (out < 0) usage_error(text(file, ": cannot be written (", std::strerror(errno), ")"));
  char last = '\n';
  const off_t size = lseek(out, 0, SEEK_END);
  if (size > 0 && pread(out, &last, 1, size - 1) == 1 && last != '\n') line.insert(0, "\n");
  const bool written = write(out, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  const std::string why = std::strerror(errno);
  if (close(out) != 0 || !written) usage_error(text(file, ": cannot be written (", why, ")"));
}

// FNV-1a: tells files apart, proves nothing.
std::string fingerprint(const std::string& content) {
  std::uint64_t hash = 14695981039346656037ull;
  for (const char c : content) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  char words[20];
  std::snprintf(words, sizeof words, "%016llx", static_cast<unsigned long long>(hash));
  return words;
}

using Files = std::map<std::string, std::set<std::string>>;  // checked, by id

void take(const Json& event, Progress& progress, Files& files) {
  const std::string &what = event.at("event").string(), &id = event.at("id").string();
  ExerciseProgress& e = progress.exercises[id];
  e.started = true;
  progress.current = id;
  if (what == "check") {
    e.code = event.at("code").string();
    e.best = std::max(e.best, static_cast<int>(event.at("score").integer()));
    files[id].insert(event.at("file").string());
    e.attempts = static_cast<int>(files[id].size());
  }
  if (what == "hint") e.hint = std::max(e.hint, static_cast<int>(event.at("level").integer()));
  if (what == "reveal") e.revealed = true;
}

}  // namespace

ExerciseProgress Progress::of(const std::string& id) const {
  const auto found = exercises.find(id);
  return found == exercises.end() ? ExerciseProgress{} : found->second;
}

Progress read_progress() {
  Progress progress;
  Files files;
  const std::string file = data_root() + "/.lab" + kFile;
  if (!is_there(file)) return progress;
  std::istringstream lines(InputFile(file, kDiary).all());
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    try {
      take(parse_json(line).value_or(Json()), progress, files);
    } catch (const Error&) {
      ++progress.unread_lines;
    }
  }
  return progress;
}

void note_start(const std::string& id) { append({{"event", "start"}, {"id", id}}); }

void note_check(const CheckResult& r, const std::string& answer) {
  append({{"event", "check"},
          {"id", r.id},
          {"file", fingerprint(answer)},
          {"code", r.code},
          {"score", r.score},
          {"secs", r.compile_s + r.grade_s}});
}

void note_hint(const std::string& id, int level) {
  append({{"event", "hint"}, {"id", id}, {"level", level}});
}

void note_reveal(const std::string& id) { append({{"event", "reveal"}, {"id", id}}); }

}  // namespace shardpipe
