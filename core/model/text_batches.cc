#include "core/model/text_batches.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/base/random.h"

namespace shardpipe {

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
    const std::uint64_t index =
        static_cast<std::uint64_t>(step) * static_cast<std::uint64_t>(batch_) +
        static_cast<std::uint64_t>(i);
    const std::size_t first = random_bits(seed_, stream_of("batches"), index) % places;
    for (std::size_t s = 0; s < static_cast<std::size_t>(sequence_); ++s) {
      b.tokens.push_back(static_cast<unsigned char>(text_[first + s]));
      b.targets.push_back(static_cast<unsigned char>(text_[first + s + 1]));
    }
  }
  return b;
}

std::string read_text(const std::string& path) {
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  std::error_code error;
  if (fs::is_directory(path, error)) {
    for (const auto& entry : fs::recursive_directory_iterator(path, error))
      if (entry.path().extension() == ".md") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    if (files.empty()) usage_error(text(path, ": no .md file in this folder"));
  } else {
    files.emplace_back(path);
  }
  std::ostringstream all;
  for (const fs::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    if (!in || fs::is_directory(file, error))
      usage_error(
          text(file.string(), ": cannot be read (give a text file or a folder of .md files)"));
    all << in.rdbuf();
  }
  return all.str();
}

}  // namespace shardpipe
