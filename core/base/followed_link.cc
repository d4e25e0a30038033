#include "core/base/followed_link.h"

#include <filesystem>
#include <system_error>

namespace shardpipe {

std::string followed_link(std::string name) {
  constexpr int kMostLinks = 40;  // Linux follows as many
  for (int links = 0; links < kMostLinks; ++links) {
    std::error_code is_no_link;
    const std::filesystem::path to = std::filesystem::read_symlink(name, is_no_link);
    if (is_no_link) break;
    name = (std::filesystem::path(name).parent_path() / to).string();  // `to`, if it is absolute
  }
  return name;
}

}  // namespace shardpipe
