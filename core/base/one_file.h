// Names of files that a command line gives, before any of them is opened: two that are one file.
#pragma once

#include <string>
#include <vector>

namespace shardpipe {

struct NamedFile {
  std::string flag = {};  // "--trace"; "": the name stands alone
  std::string name = {};  // "": not given
};

// usage_error if something that will be written is something that will be read, or another one that
// will be written. Device and inode decide, so links do not hide it; of what does not exist yet the
// folder's and the name. A device (/dev/null) may be named as often as one likes.
void refuse_one_file(const std::vector<NamedFile>& written, const std::vector<NamedFile>& read);

}  // namespace shardpipe
