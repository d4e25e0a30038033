// PeerTransport: collectives and messages between ranks that are threads of one process, on one GPU
// or on several that can read each other's memory. Plain kernels and copies; the order between
// ranks comes from events. No kernel ever waits for another one, so it works however many
// multiprocessors each rank has.
//
// A collective of n ranks, as each rank sees it:
//   bring   record `inputs` on my stream, publish my addresses
//   (host)  until all n have brought
//   write   my stream waits for all `inputs`; enqueue my part of the work; record `outputs`
//   (host)  until all n have written
//   leave   my stream waits for all `outputs`
// all_reduce, in place: rank r alone sums elements [r S/n, (r+1) S/n) of all inputs and stores the
// sums into all n tensors. Always in rank order: all ranks get the same bits. Each rank reads S
// and writes S bytes.
#pragma once

#include "core/backends/cuda/device.h"
#include "core/backends/cuda/groups.h"
#include "core/comm/transport.h"

namespace shardpipe::cuda {

class PeerTransport : public Transport {
 public:
  // Opens the wires of a subgroup, for its member with world rank device.rank().
  using Open = std::function<Transport::Part(const std::string& key, const std::vector<int>& ranks,
                                             const std::string& axis)>;

  PeerTransport(CudaDevice& device, std::shared_ptr<PeerGroup> group, Open open);

  void run(const CommCall& call, Stream& stream) override;
  Part subgroup(const std::vector<int>& ranks, const std::string& axis, Where) override;

 private:
  struct Exchange {
    CommCall call = {};
    std::vector<std::shared_ptr<Letter>> sent = {};  // by message; nullptr for a recv
    std::vector<bool> done = {};
  };
  void hold_for_turn(std::int64_t turn, CudaStream& stream, std::function<void()> begin);
  void end_call(CudaStream& stream);

  void bring(const CommCall& call, CudaStream& stream);
  bool write(const CommCall& call, CudaStream& stream);
  bool leave(const CommCall& call, CudaStream& stream);
  void check_offers(const CommCall& call) const;
  void enqueue(const CommCall& call, CudaStream& stream) const;
  std::string held_by(const CommCall& call, std::int64_t PeerGroup::Seat::*count) const;

  void run_exchange(const CommCall& call, CudaStream& stream);
  void post(Exchange& exchange, CudaStream& stream);
  bool progress(Exchange& exchange, CudaStream& stream);
  bool end_send(const Letter& letter, CudaStream& stream);
  bool take(const MessageView& message, Where where, CudaStream& stream);
  std::string held_by(const Exchange& exchange) const;

  PeerGroup::Seat& seat(int r) const { return peers_->seats[static_cast<std::size_t>(r)]; }
  int size() const { return peers_->group.size(); }
  int world(int r) const { return peers_->group.ranks[static_cast<std::size_t>(r)]; }

  CudaDevice& device_;
  std::shared_ptr<PeerGroup> peers_;
  Open open_;
  GroupKeys keys_;
  int rank_ = 0;  // in the group
  std::int64_t next_turn_ = 0;
  OwnedEvent last_call_ = make_event_handle(Timing::no);
};

}  // namespace shardpipe::cuda
