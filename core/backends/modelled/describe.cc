#include "core/backends/modelled/describe.h"

#include "core/base/error.h"

namespace shardpipe::modelled {

std::string describe_collective(const OpInfo& op) {
  if (op.kind == OpKind::barrier) return "barrier";
  std::string words = text(op.name, " of ", op.bytes, " bytes ", name_of(op.dtype));
  if (op.kind == OpKind::broadcast)
    words += text(" from rank ", op.group->ranks[static_cast<std::size_t>(op.root)]);
  return words;
}

std::string describe_message(const OpInfo& op, const MessageInfo& message) {
  return text(message.is_send ? "send " : "recv ", message.bytes, " bytes ",
              message.is_send ? "to" : "from", " rank ",
              op.group->ranks[static_cast<std::size_t>(message.peer)]);
}

}  // namespace shardpipe::modelled
