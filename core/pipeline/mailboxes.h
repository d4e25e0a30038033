// The ways to send of mailbox.h, one file each.
#pragma once

#include "core/pipeline/rows.h"

namespace shardpipe {

std::unique_ptr<Mailbox> make_lane_mailbox(BoundaryRows rows, Stream& stream);
std::unique_ptr<Mailbox> make_prefetch_mailbox(RankContext& ctx, BoundaryRows rows,
                                               const Schedule& schedule);

// The letter's entry, taken out.
template <class Mail>
Mail take_out(std::map<Letter, Mail>& from, const Letter& letter) {
  const auto found = from.find(letter);
  if (found == from.end())
    fail(text("stage ", letter.stage, " needs the ", name_of(letter.payload), " of micro-batch ",
              letter.microbatch, ", which is not there: the schedule is out of order"));
  Mail mail = std::move(found->second);
  from.erase(found);
  return mail;
}

}  // namespace shardpipe
