#include "core/comm/message_end.h"

#include "core/base/error.h"

namespace shardpipe {
namespace {

std::string content(const MessageEnd& end) {
  return text(end.bytes, " bytes ", name_of(end.dtype));
}

}  // namespace

bool fit(const MessageEnd& send, const MessageEnd& recv) {
  return send.bytes == recv.bytes && send.dtype == recv.dtype;
}

std::string describe_misfit(const Group& group, const MessageEnd& send, const MessageEnd& recv) {
  const auto rank = [&](const MessageEnd& end) {
    return text("rank ", group.ranks[static_cast<std::size_t>(end.rank)]);
  };
  return text(rank(recv), " in exchange #", recv.sequence, " of ", group.label(), " expects ",
              content(recv), " from ", rank(send), ", which sends ", content(send),
              " in its exchange #", send.sequence);
}

}  // namespace shardpipe
