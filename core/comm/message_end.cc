#include "core/comm/message_end.h"

#include <string_view>

#include "core/base/error.h"

namespace shardpipe {
namespace {

bool has_name(const MessageEnd& end) { return *end.algorithm != '\0'; }

std::string content(const MessageEnd& end, bool with_algorithm) {
  const std::string words = text(end.bytes, " bytes ", name_of(end.dtype));
  if (!with_algorithm) return words;
  return text(words, " of ", has_name(end) ? end.algorithm : "no algorithm");
}

}  // namespace

bool fit(const MessageEnd& send, const MessageEnd& recv) {
  return send.bytes == recv.bytes && send.dtype == recv.dtype &&
         std::string_view(send.algorithm) == recv.algorithm;
}

std::string describe_misfit(const Group& group, const MessageEnd& send, const MessageEnd& recv) {
  const auto rank = [&](const MessageEnd& end) {
    return text("rank ", group.ranks[static_cast<std::size_t>(end.rank)]);
  };
  const bool named = has_name(send) || has_name(recv);
  return text(rank(recv), " in exchange #", recv.sequence, " of ", group.label(),
              recv.where.words(" (", ")"), " expects ", content(recv, named), " from ", rank(send),
              ", which sends ", content(send, named), " in its exchange #", send.sequence,
              send.where.words(" (", ")"));
}

}  // namespace shardpipe
