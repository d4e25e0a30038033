// A file descriptor that is closed with its owner, and calls that signals may interrupt.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace shardpipe {

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

// What `call` returns, called again while a signal interrupts it; but not for ever.
template <class Call>
auto retried(Call call) {
  constexpr int kMostTries = 1000;
  auto result = call();
  for (int i = 0; i < kMostTries && result < 0 && errno == EINTR; ++i) result = call();
  return result;
}

}  // namespace shardpipe
