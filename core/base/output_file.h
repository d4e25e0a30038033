// OutputFile: a file that the kit writes. Under its name stands what stood there before, or all of
// the new one, and never half of it. Whatever the kit writes goes through here.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace shardpipe {

class UnfinishedFile;

// yes: on the disk before the old file goes, so that a power failure leaves one of the two. Slow.
enum class Durable : std::uint8_t { no, yes };

// What the name stands for decides:
//   a file, or nothing yet   the bytes go to an unnamed file in the same folder (UnfinishedFile),
//                            which takes the name at commit(). Symbolic links go on leading to it,
//                            mode and owner stay as they were; hard links do not.
//   a FIFO, a device         is written into. A FIFO that nobody reads is refused.
// Refused, too: a folder, a file that may not be written, and the file that is stdout.
// Each function that fails throws a usage_error "NAME: cannot be written: why".
class OutputFile {
 public:
  explicit OutputFile(std::string name, Durable durable = Durable::no);  // touches nothing
  ~OutputFile();  // what is not committed is gone
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  const std::string& name() const { return name_; }

  // Before a run: what cannot be written is refused while there is nothing to lose yet.
  void open();
  // Opens it if it is not open. Blocks of 256 KiB, or the caller's where they are larger.
  void write(std::string_view bytes);
  // The next write begins another file in its place.
  void commit();

 private:
  void open_stream();
  void flush();
  void write_through(std::string_view bytes);
  void close_all() noexcept;
  [[noreturn]] void give_up(const std::string& why);

  const std::string name_;
  const Durable durable_;
  std::unique_ptr<UnfinishedFile> file_;  // or:
  int stream_ = -1;                       // a FIFO or a device
  std::string buffer_;
};

}  // namespace shardpipe
