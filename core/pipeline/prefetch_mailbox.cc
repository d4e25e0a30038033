// Messages on one communicator and stream for each neighbour and direction, recvs posted ahead.
#include <array>
#include <deque>

#include "core/pipeline/mailboxes.h"

namespace shardpipe {
namespace {

constexpr std::size_t kAhead = 2;  // recvs posted and not yet used, a channel

// Messages of one payload from one rank to another, in the order in which the sender makes them.
using ChannelName = std::array<int, 3>;  // from, to, payload

class PrefetchMailbox : public Mailbox {
 public:
  PrefetchMailbox(RankContext& ctx, BoundaryRows rows, const Schedule& schedule)
      : rows_(rows), stages_(schedule.stages), placement_(schedule) {
    std::map<ChannelName, std::deque<Letter>> orders;
    for (const auto& actions : schedule.ranks)
      for (const Action& a : actions) note_message(a, orders);
    for (const auto& [name, letters] : orders) {  // the same order on all ranks
      const auto [from, to, payload] = name;
      if (from != ctx.pp.rank() && to != ctx.pp.rank()) continue;
      Channel& channel = channels_[name];
      channel.communicator = ctx.pp.subgroup({from, to}, "pp");
      channel.stream = ctx.device.make_stream(
          text("pp ", from, ">", to, " ", name_of(static_cast<Payload>(payload))));
      channel.order = letters;
      channel.to_post = letters;
    }
  }

  void put(const Letter& letter, Tensor data, RankContext& ctx) override {
    const int me = ctx.pp.rank(), to = placement_.rank_of(letter.stage, letter.microbatch);
    if (to == me) {
      made_[letter] = data;
      return;
    }
    Channel& channel = channels_.at({me, to, static_cast<int>(letter.payload)});
    channel.stream->wait(ctx.compute.record());
    const Scope mark = ctx.scope({.stage = letter.stage, .microbatch = letter.microbatch});
    channel.communicator->exchange({{Direction::send, 1, rows_.outgoing(data, ctx)}},
                                   *channel.stream);
  }

  void exchange(const std::vector<Transfer>&, RankContext&) override {}  // put and take send

  Tensor take(const Letter& letter, RankContext& ctx) override {
    for (auto& [name, channel] : channels_)
      if (name[1] == ctx.pp.rank()) post(channel, kAhead, ctx);
    if (made_.contains(letter)) return take_out(made_, letter);
    const int from = maker_of(letter);
    Channel& channel = channels_.at({from, ctx.pp.rank(), static_cast<int>(letter.payload)});
    while (!channel.posted.contains(letter) && !channel.to_post.empty())
      post(channel, channel.posted.size() + 1, ctx);
    const Mail mail = take_out(channel.posted, letter);
    ctx.compute.wait(mail.arrived);
    post(channel, kAhead, ctx);
    return rows_.whole(mail.data, ctx);
  }

  void finish(RankContext& ctx) override {
    bool unused = !made_.empty();
    for (auto& [name, channel] : channels_) {
      unused = unused || !channel.posted.empty();
      channel.to_post = channel.order;
      ctx.compute.wait(channel.stream->record());  // no race: for those who synchronize
    }
    if (unused) fail(ExitCode::fault, "a message was never used");
  }

 private:
  struct Mail {
    Tensor data = {};
    Event arrived = {};
  };
  struct Channel {
    std::unique_ptr<Communicator> communicator;  // rank 0 sends, rank 1 receives
    std::unique_ptr<Stream> stream;
    std::deque<Letter> order, to_post;
    std::map<Letter, Mail> posted;
  };

  // The rank that makes the letter: the stage before (activation) or after (gradient) has it.
  int maker_of(const Letter& letter) const {
    const int step = letter.payload == Payload::activation ? -1 : 1;
    return placement_.rank_of(letter.stage + step, letter.microbatch);
  }

  void note_message(const Action& a, std::map<ChannelName, std::deque<Letter>>& orders) const {
    if (a.kind == ActionKind::W) return;
    const bool forward = a.kind == ActionKind::F;
    const Letter letter = {forward ? Payload::activation : Payload::gradient,
                           a.stage + (forward ? 1 : -1), a.microbatch};
    if (letter.stage < 0 || letter.stage >= stages_) return;
    const int from = placement_.rank_of(a.stage, a.microbatch);
    const int to = placement_.rank_of(letter.stage, letter.microbatch);
    if (from != to) orders[{from, to, static_cast<int>(letter.payload)}].push_back(letter);
  }

  void post(Channel& channel, std::size_t ahead, RankContext& ctx) const {
    while (channel.posted.size() < ahead && !channel.to_post.empty()) {
      const Letter letter = channel.to_post.front();
      channel.to_post.pop_front();
      const Tensor data = rows_.incoming(ctx);
      const Scope mark = ctx.scope({.stage = letter.stage, .microbatch = letter.microbatch});
      channel.communicator->exchange({{Direction::recv, 0, data}}, *channel.stream);
      channel.posted[letter] = {data, channel.stream->record()};
    }
  }

  BoundaryRows rows_;
  int stages_;
  StagePlacement placement_;
  std::map<ChannelName, Channel> channels_;
  std::map<Letter, Tensor> made_;
};

}  // namespace

std::unique_ptr<Mailbox> make_prefetch_mailbox(RankContext& ctx, BoundaryRows rows,
                                               const Schedule& schedule) {
  return std::make_unique<PrefetchMailbox>(ctx, rows, schedule);
}

}  // namespace shardpipe
