// Messages of PeerTransport. A sender leaves a letter with the address of its data; the receiver's
// stream waits for the sender's and copies. The send ends when the copy has: both ends wait for
// each other, as with NCCL.
#include "core/backends/cuda/peer_transport.h"

namespace shardpipe::cuda {
namespace {

std::shared_ptr<OwnedEvent> record_new_event(CudaStream& stream) {
  auto event = std::make_shared<OwnedEvent>(make_event_handle(Timing::no));
  check(cudaEventRecord(event->get(), stream.handle()));
  return event;
}

}  // namespace

void PeerTransport::run_exchange(const CommCall& call, CudaStream& stream) {
  auto exchange = std::make_shared<Exchange>();
  exchange->call = call;
  hold_for_turn(call.turn, stream, [this, exchange, &stream] { post(*exchange, stream); });
  stream.hold({.done = [this, exchange, &stream] { return progress(*exchange, stream); },
               .held_by = [this, exchange] { return held_by(*exchange); }});
}

void PeerTransport::post(Exchange& exchange, CudaStream& stream) {
  const auto sendable = record_new_event(stream);
  exchange.done.resize(exchange.call.messages.size(), false);
  const std::lock_guard lock(peers_->mutex);
  for (const MessageView& message : exchange.call.messages) {
    std::shared_ptr<Letter> letter;
    if (message.direction == Direction::send) {
      letter = std::make_shared<Letter>(Letter{.from = message.data.data,
                                               .bytes = message.data.bytes(),
                                               .dtype = message.data.dtype,
                                               .sendable = sendable,
                                               .where = exchange.call.where});
      peers_->letters[{rank_, message.peer}].push_back(letter);
    }
    exchange.sent.push_back(letter);
  }
}

// Messages of one exchange progress together: each is done as soon as its peer is there. Receives
// from one peer are taken in order, so one that is not there yet keeps back the later ones.
bool PeerTransport::progress(Exchange& exchange, CudaStream& stream) {
  std::vector<bool> keep_back(static_cast<std::size_t>(size()), false);
  bool all = true, moved = false;
  for (std::size_t i = 0; i < exchange.done.size(); ++i) {
    if (exchange.done[i]) continue;
    const MessageView& message = exchange.call.messages[i];
    const auto peer = static_cast<std::size_t>(message.peer);
    if (message.direction == Direction::send) {
      exchange.done[i] = end_send(*exchange.sent[i], stream);
    } else if (!keep_back[peer]) {
      exchange.done[i] = take(message, exchange.call.where, stream);
      keep_back[peer] = !exchange.done[i];
    }
    moved = moved || exchange.done[i];
    all = all && exchange.done[i];
  }
  if (all) end_call(stream);
  if (moved) device_.board().moved();
  return all;
}

bool PeerTransport::end_send(const Letter& letter, CudaStream& stream) {
  std::shared_ptr<OwnedEvent> met, copied;
  {
    const std::lock_guard lock(peers_->mutex);
    met = letter.met;
    copied = letter.copied;
  }
  if (!copied) return false;
  check(cudaStreamWaitEvent(stream.handle(), met->get(), 0));
  stream.mark_ready();
  check(cudaStreamWaitEvent(stream.handle(), copied->get(), 0));
  return true;
}

bool PeerTransport::take(const MessageView& message, Where where, CudaStream& stream) {
  std::shared_ptr<Letter> letter;
  {
    const std::lock_guard lock(peers_->mutex);
    auto& box = peers_->letters[{message.peer, rank_}];
    if (box.empty()) return false;
    letter = box.front();
    box.pop_front();
  }
  if (letter->bytes != message.data.bytes() || letter->dtype != message.data.dtype)
    fail(ExitCode::wrong,
         text("exchange in ", peers_->group.label(), ": rank ", world(message.peer), " sends ",
              letter->bytes, " bytes ", name_of(letter->dtype), letter->where.words(" (", ")"),
              ", rank ", world(rank_), " receives ", message.data.bytes(), " bytes ",
              name_of(message.data.dtype), where.words(" (", ")")));
  check(cudaStreamWaitEvent(stream.handle(), letter->sendable->get(), 0));
  stream.mark_ready();
  auto met = record_new_event(stream);
  if (letter->bytes > 0)
    check(cudaMemcpyAsync(message.data.data, letter->from, static_cast<std::size_t>(letter->bytes),
                          cudaMemcpyDefault, stream.handle()));
  auto copied = record_new_event(stream);
  const std::lock_guard lock(peers_->mutex);
  letter->met = std::move(met);
  letter->copied = std::move(copied);
  return true;
}

std::string PeerTransport::held_by(const Exchange& exchange) const {
  std::string missing;
  for (std::size_t i = 0; i < exchange.done.size(); ++i) {
    if (exchange.done[i]) continue;
    const MessageView& message = exchange.call.messages[i];
    const char* what =
        message.direction == Direction::send ? "its send to rank " : "its recv from rank ";
    missing += text(missing.empty() ? "" : " and ", what, world(message.peer));
  }
  return text("waits in an exchange of ", peers_->group.label(), " for ", missing,
              exchange.call.where.words(" (", ")"));
}

}  // namespace shardpipe::cuda
