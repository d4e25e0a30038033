#include "core/model/text_batches.h"

#include <sys/stat.h>

#include <cinttypes>
#include <cstdio>

#include "core/base/input_file.h"
#include "core/base/random.h"

namespace shardpipe {
namespace {

constexpr const char* kWhat = "a text file or a folder of .md files";
constexpr std::uint64_t kMostBytes = kGiB;  // it lies in memory, once for all ranks

}  // namespace

TextBatches::TextBatches(std::string text_bytes, Index batch, Index sequence, std::uint64_t seed)
    : text_(std::move(text_bytes)), batch_(batch), sequence_(sequence), seed_(seed) {
  if (static_cast<Index>(text_.size()) < sequence + 1)
    usage_error(text("the text has ", text_.size(), " bytes; --seq ", sequence, " needs at least ",
                     sequence + 1));
}

Batch TextBatches::at(int step) const {
  Batch b;
  const auto places = text_.size() - static_cast<std::size_t>(sequence_);
  for (Index i = 0; i < batch_; ++i) {
    const std::uint64_t index = sequences_before(step) + static_cast<std::uint64_t>(i);
    const std::size_t first = random_bits(seed_, stream_of("batches"), index) % places;
    for (std::size_t s = 0; s < static_cast<std::size_t>(sequence_); ++s) {
      b.tokens.push_back(static_cast<unsigned char>(text_[first + s]));
      b.targets.push_back(static_cast<unsigned char>(text_[first + s + 1]));
    }
  }
  return b;
}

std::string TextBatches::hash() const {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016" PRIx64, stream_of(text_));
  return text("fnv1a64:", digits);
}

std::string read_text(const std::string& path, bool may_be_pipe) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
    return InputFile(path, {.what = kWhat, .most_bytes = kMostBytes, .may_be_pipe = may_be_pipe})
        .all();
  const std::vector<std::string> files = files_in(path, ".md", true);
  if (files.empty()) usage_error(text(path, ": no .md file in this folder"));
  std::string all;
  for (const std::string& file : files) {
    all += InputFile(file, {.what = kWhat, .most_bytes = kMostBytes}).all();
    if (all.size() > kMostBytes)
      usage_error(text(path, ": has more than ", kMostBytes, " bytes of text"));
  }
  return all;
}

}  // namespace shardpipe
