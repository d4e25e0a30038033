#include "core/comm/last_call.h"

#include "core/base/error.h"

namespace shardpipe {

void LastCall::set(const OpInfo& info) {
  name_.store(info.name);
  sequence_.store(info.sequence);
  group_.store(info.group);
}

std::string LastCall::words() const {
  const Group* group = group_.load();
  if (group == nullptr) return "before any communication";
  return text("after ", name_.load(), " #", sequence_.load(), " of ", group->label());
}

}  // namespace shardpipe
