// A file that is being written and does not have its name yet.
#pragma once

#include <string>

namespace shardpipe {

// In the folder of its target, so that it can take its name in one step. It has no name of its own
// (O_TMPFILE), and the system removes it whatever ends the process. Where a file system has no such
// files it is called .TARGET.XXXXXX.lab-part, a name that nothing had, and is removed by the
// destructor, at exit, and by SIGINT, SIGTERM, SIGHUP and SIGQUIT. What even then is left, by kill
// -9, the next one for that target removes: a name that nobody holds a lock on any more.
//
// Each function that fails throws std::system_error.
class UnfinishedFile {
 public:
  enum class Named { if_needed, always };  // always: for tests

  explicit UnfinishedFile(const std::string& target, Named named = Named::if_needed);
  ~UnfinishedFile();
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;

  int descriptor() const { return descriptor_; }  // to write
  void take_name();                               // of the target, whose file is gone then

 private:
  void name_it();

  const std::string target_;
  std::string name_;  // "": it has none
  int descriptor_ = -1;
};

}  // namespace shardpipe
