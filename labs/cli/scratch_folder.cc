#include "labs/cli/scratch_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "core/base/error.h"

namespace shardpipe {

ScratchFolder::ScratchFolder() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  if (error)
    usage_error(text("no temporary files can be made: TMPDIR (", parent.string(),
                     ") is no folder: ", error.message()));
  path_ = (parent / "shardpipe-XXXXXX").string();
  if (mkdtemp(path_.data()) == nullptr)
    usage_error(text("no temporary files can be made in ", parent.string(), ": ",
                     std::strerror(errno), " (TMPDIR names another folder)"));
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace shardpipe
