// The bytes of a file as RapidJSON reads them (its concept "Stream"), piece by piece.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/trace/file.h"

namespace shardpipe {

// Pieces of a file until it ends, or cannot be read further.
class Pieces {
 public:
  static constexpr std::size_t kLongestValue = std::size_t{1} << 26;  // bytes of one string

  explicit Pieces(FileBytes& file) : file_(file) {}

  std::string_view next();  // empty at the end

  // Each value does, so that one that never ends is not taken whole into memory.
  void value_ends() { since_value_ = 0; }
  const std::string& failed() const { return failed_; }  // why it ended early, "" if it did not

 private:
  FileBytes& file_;
  std::size_t since_value_ = 0;
  bool is_over_ = false;
  std::string failed_;
};

// Called for each byte: what is always inlined here is 15 % of the time to read a trace.
class ByteStream {
 public:
  using Ch = char;

  explicit ByteStream(Pieces& pieces) : pieces_(&pieces) {}

  [[gnu::always_inline]] char Peek() { return at_end() ? '\0' : *at_; }
  [[gnu::always_inline]] char Take() { return at_end() ? '\0' : *at_++; }
  std::size_t Tell() const { return before_ + static_cast<std::size_t>(at_ - begin_); }

  [[gnu::always_inline]] bool at_end() {
    if (at_ == end_) refill();
    return at_ == end_;
  }

  // Of the concept; only a parser that writes into its input calls them.
  char* PutBegin() { return nullptr; }
  void Put(char) {}
  std::size_t PutEnd(char*) { return 0; }

 private:
  void refill() {
    const std::string_view piece = pieces_->next();
    before_ += static_cast<std::size_t>(end_ - begin_);
    begin_ = at_ = piece.data();
    end_ = begin_ + piece.size();
  }

  Pieces* pieces_;
  const char *begin_ = nullptr, *at_ = nullptr, *end_ = nullptr;
  std::size_t before_ = 0;
};

}  // namespace shardpipe
