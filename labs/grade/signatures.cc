#include "labs/grade/signatures.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "core/base/data_root.h"
#include "core/base/error.h"
#include "core/base/input_file.h"
#include "labs/grade/exercise_file.h"

namespace shardpipe {
namespace {

constexpr const char* kFirstLine = "shardpipe signatures 1 ";

// Eight bytes at a time: libraries have megabytes. It need only tell apart what nobody has made
// alike on purpose.
class Digest {
 public:
  void add(const std::string& bytes) {
    std::size_t i = 0;
    for (; i + 8 <= bytes.size(); i += 8) mix(eight(bytes.data() + i, 8));
    mix(eight(bytes.data() + i, bytes.size() - i));
    mix(bytes.size());
  }
  // A library, by pieces.
  void add_file(const std::string& name) {
    InputFile file(name, {.what = "a library or a profile", .most_bytes = 16 * kGiB});
    std::string piece;
    for (std::uint64_t at = 0; at < file.size(); at += piece.size()) {
      piece.resize(std::min<std::uint64_t>(kMiB, file.size() - at));
      file.read_at(at, piece.data(), piece.size());
      add(piece);
    }
  }
  std::string words() const {
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(state_));
    return digits;
  }

 private:
  static std::uint64_t eight(const char* bytes, std::size_t count) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, count);
    return word;
  }
  // One round is a bijection of the state, and of the word: a change of either stays one.
  void mix(std::uint64_t word) {
    state_ = (state_ ^ word) * 0x9e3779b97f4a7c15u;
    state_ ^= state_ >> 29;
  }

  std::uint64_t state_ = 0x243f6a8885a308d3u;
};

}  // namespace

std::string digest_of(const std::string& words) {
  Digest digest;
  digest.add(words);
  return digest.words();
}

std::string signatures_file(const std::string& known_library) {
  return std::filesystem::path(known_library).replace_extension(".signatures").string();
}

std::string signatures_key(const std::string& known_library, const std::string& grader) {
  Digest digest;
  const std::string kit =
      (std::filesystem::path(grader).parent_path() / "libshardpipe.so").string();
  for (const std::string& file :
       {known_library, grader, kit, data_root() + "/solutions/grading.json"})
    digest.add_file(file);
  return digest.words();
}

std::string text_of(const Signatures& signatures, const std::string& key) {
  std::string all = kFirstLine + key + "\n";
  for (const auto& [name, digest] : signatures) all += name + " " + digest + "\n";
  return all + "end " + digest_of(all) + "\n";
}

std::optional<Signatures> read_signatures(const std::string& file, const std::string& key) {
  if (!is_there(file)) return std::nullopt;
  const std::string all = read_file(file);
  Signatures signatures;
  std::istringstream lines(all);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos || line.rfind(kFirstLine, 0) == 0) continue;
    if (line.substr(0, space) != "end") signatures[line.substr(0, space)] = line.substr(space + 1);
  }
  if (all != text_of(signatures, key)) return std::nullopt;
  return signatures;
}

}  // namespace shardpipe
