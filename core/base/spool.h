// What comes through a pipe, kept where it can be read at any place: in a file of TMPDIR that has
// no name, so that it is gone when the process is, however that ends.
#pragma once

#include <string>
#include <string_view>

#include "core/base/descriptor.h"

namespace shardpipe {

class Spool {
 public:
  // pipe: its name, for sentences. usage_error where TMPDIR is no folder, is full, ...
  explicit Spool(std::string pipe);

  void append(std::string_view bytes);
  int descriptor() const { return file_.number(); }

 private:
  [[noreturn]] void give_up(int error) const;

  std::string pipe_, folder_;
  Descriptor file_;
};

}  // namespace shardpipe
