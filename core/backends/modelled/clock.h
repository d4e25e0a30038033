// Clock: a vector clock over the streams of all ranks, for happens-before. A position is the number
// of entries in a rank's log up to and including one; clock[s] = q says that every entry of stream
// s at a position up to q has ended. Copies share their numbers until one of them changes.
// Source: Lamport 1978; Mattern 1989; the race check follows Flanagan and Freund, FastTrack (2009).
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace shardpipe::modelled {

using Position = std::uint32_t;

class Clock;

// What has happened before a point of one stream.
struct Past;

class Clock {
 public:
  Position operator[](int stream) const {
    const auto s = static_cast<std::size_t>(stream);
    return ended_ != nullptr && s < ended_->size() ? (*ended_)[s] : 0;
  }
  void join(const Clock& other);
  void join(const Past& past);

 private:
  std::vector<Position>& writable(std::size_t size);

  std::shared_ptr<std::vector<Position>> ended_;  // by stream of the run; nullptr: all 0
};

struct Past {
  Clock known = {};  // what the stream has learnt from others
  int stream = 0;
  Position position = 0;  // of the last entry of the stream itself that has ended
};

inline std::vector<Position>& Clock::writable(std::size_t size) {
  if (ended_ == nullptr)
    ended_ = std::make_shared<std::vector<Position>>();
  else if (ended_.use_count() > 1)
    ended_ = std::make_shared<std::vector<Position>>(*ended_);
  if (ended_->size() < size) ended_->resize(size, 0);
  return *ended_;
}

inline void Clock::join(const Clock& other) {
  if (other.ended_ == nullptr || other.ended_ == ended_) return;
  if (ended_ == nullptr) {
    ended_ = other.ended_;
    return;
  }
  const std::vector<Position>& theirs = *other.ended_;
  std::vector<Position>& mine = writable(theirs.size());
  for (std::size_t s = 0; s < theirs.size(); ++s) mine[s] = std::max(mine[s], theirs[s]);
}

inline void Clock::join(const Past& past) {
  // Who knows this point of the stream also knows what the stream knew there.
  if ((*this)[past.stream] >= past.position) return;
  join(past.known);
  const auto s = static_cast<std::size_t>(past.stream);
  std::vector<Position>& mine = writable(s + 1);
  mine[s] = std::max(mine[s], past.position);
}

}  // namespace shardpipe::modelled
