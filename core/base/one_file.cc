#include "core/base/one_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <tuple>

#include "core/base/error.h"
#include "core/base/followed_link.h"

namespace shardpipe {
namespace {

// Device and inode, and the name in that folder of what is not there yet.
using Identity = std::tuple<dev_t, ino_t, std::string>;

std::optional<Identity> identity_of(const std::string& name) {
  struct stat there = {};
  if (stat(name.c_str(), &there) == 0) {
    if (S_ISCHR(there.st_mode) || S_ISBLK(there.st_mode)) return {};
    return Identity{there.st_dev, there.st_ino, ""};
  }
  const std::filesystem::path file = followed_link(name);
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  if (stat(folder.c_str(), &there) != 0) return {};  // whoever opens it will say so
  return Identity{there.st_dev, there.st_ino, file.filename().string()};
}

std::string words_of(const NamedFile& file) {
  return file.flag.empty() ? file.name : file.flag + " " + file.name;
}

}  // namespace

void refuse_one_file(const std::vector<NamedFile>& written, const std::vector<NamedFile>& read) {
  for (std::size_t i = 0; i < written.size(); ++i) {
    const std::optional<Identity> mine = identity_of(written[i].name);
    if (written[i].name.empty() || !mine) continue;
    const auto refuse = [&](const NamedFile& other, const char* what) {
      if (!other.name.empty() && identity_of(other.name) == mine)
        usage_error(text(words_of(written[i]), " and ", words_of(other), " are one file: ", what));
    };
    for (std::size_t j = i + 1; j < written.size(); ++j)
      refuse(written[j], "one would replace the other");
    for (const NamedFile& other : read) refuse(other, "it would be replaced");
  }
}

}  // namespace shardpipe
