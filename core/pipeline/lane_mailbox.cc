// Messages on the pp communicator in the order of the program: blocking and one_lane.
#include "core/pipeline/mailboxes.h"

namespace shardpipe {
namespace {

class LaneMailbox : public Mailbox {
 public:
  LaneMailbox(BoundaryRows rows, Stream& stream) : rows_(rows), stream_(stream) {}

  void put(const Letter& letter, Tensor data, RankContext& ctx) override {
    made_[letter] = {data, ctx.compute.record()};
  }

  void exchange(const std::vector<Transfer>& transfers, RankContext& ctx) override {
    std::vector<Message> messages;
    std::vector<Letter> incoming;
    for (const Transfer& t : transfers) {
      const Letter letter = {t.payload, t.stage, t.microbatch};
      if (t.from == ctx.pp.rank()) {
        const Mail mail = take_out(made_, letter);
        stream_.wait(mail.ready);
        messages.push_back({Direction::send, t.to, rows_.outgoing(mail.data, ctx)});
      } else {
        arrived_[letter].data = rows_.incoming(ctx);
        messages.push_back({Direction::recv, t.from, arrived_[letter].data});
        incoming.push_back(letter);
      }
    }
    const Scope mark =
        ctx.scope({.stage = transfers.front().stage, .microbatch = transfers.front().microbatch});
    ctx.pp.exchange(messages, stream_);
    const Event end = stream_.record();
    for (const Letter& letter : incoming) arrived_[letter].ready = end;
  }

  Tensor take(const Letter& letter, RankContext& ctx) override {
    if (made_.contains(letter))
      return take_out(made_, letter).data;  // by another stage of this rank
    const Mail mail = take_out(arrived_, letter);
    ctx.compute.wait(mail.ready);
    return rows_.whole(mail.data, ctx);
  }

  void finish(RankContext&) override {
    if (!made_.empty() || !arrived_.empty()) fail(ExitCode::fault, "a message was never used");
  }

 private:
  struct Mail {
    Tensor data = {};
    Event ready = {};
  };

  BoundaryRows rows_;
  Stream& stream_;
  std::map<Letter, Mail> made_, arrived_;
};

}  // namespace

std::unique_ptr<Mailbox> make_lane_mailbox(BoundaryRows rows, Stream& stream) {
  return std::make_unique<LaneMailbox>(rows, stream);
}

}  // namespace shardpipe
