#include "core/comm/last_call.h"

#include "core/base/error.h"

namespace shardpipe {

void LastCall::set(const OpInfo& info, Where where) {
  name_.store(info.name, std::memory_order_relaxed);
  sequence_.store(info.sequence, std::memory_order_relaxed);
  file_.store(where.file, std::memory_order_relaxed);
  line_.store(where.line, std::memory_order_relaxed);
  group_.store(info.group, std::memory_order_release);
}

std::string LastCall::words() const {
  const Group* group = group_.load();
  if (group == nullptr) return "before any communication";
  return text("after ", name_.load(), " #", sequence_.load(), " of ", group->label(),
              Where{file_.load(), line_.load()}.words(", "));
}

}  // namespace shardpipe
