#include <zlib.h>

#include <new>

#include "core/base/error.h"
#include "core/trace/file.h"

namespace shardpipe {
namespace {

constexpr std::size_t kPiece = 1 << 16;
constexpr unsigned char kFirstByte = 0x1f, kSecondByte = 0x8b;  // of a member

}  // namespace

// A gzip file is members one after another, each with a head, packed bytes and a sum to check them.
// What follows the last is not looked at, as gzip does.
struct FileBytes::Packed {
  enum class Place { inside, between, after };
  Place place = Place::inside;  // of members
  z_stream stream = {};
  std::vector<char> unpacked = std::vector<char>(kPiece);
  ~Packed() { inflateEnd(&stream); }
};

FileBytes::FileBytes(InputFile& file) : file_(file), piece_(kPiece) {
  unsigned char first[2] = {};
  if (file_.read_at(0, first, 2) < 2 || first[0] != kFirstByte || first[1] != kSecondByte) return;
  packed_ = std::make_unique<Packed>();
  constexpr int kGzipOnly = 16;
  if (inflateInit2(&packed_->stream, MAX_WBITS + kGzipOnly) != Z_OK) throw std::bad_alloc();
}

FileBytes::~FileBytes() = default;

// Of a packed file cut short the last call fails, after its last whole byte was given out.
std::string_view FileBytes::next() {
  if (!packed_) return next_as_it_is();
  using Place = Packed::Place;
  z_stream& stream = packed_->stream;
  stream.next_out = reinterpret_cast<Bytef*>(packed_->unpacked.data());
  stream.avail_out = kPiece;
  while (packed_->place != Place::after && stream.avail_out == kPiece) {
    if (stream.avail_in == 0) {
      stream.avail_in = static_cast<unsigned>(next_as_it_is().size());
      stream.next_in = reinterpret_cast<Bytef*>(piece_.data());
    }
    const bool goes_on = stream.avail_in > 0;
    if (packed_->place == Place::between) {
      packed_->place = goes_on && *stream.next_in == kFirstByte ? Place::inside : Place::after;
      inflateReset(&stream);
      continue;
    }
    const int code = goes_on ? inflate(&stream, Z_NO_FLUSH) : Z_BUF_ERROR;
    if (code == Z_STREAM_END) packed_->place = Place::between;
    if (code != Z_OK && code != Z_STREAM_END)
      usage_error(text(file(), ": cannot be read: ", goes_on ? "broken gzip" : "gzip that was cut",
                       stream.msg == nullptr ? "" : text(" (", stream.msg, ")")));
  }
  return {packed_->unpacked.data(), kPiece - stream.avail_out};
}

}  // namespace shardpipe
