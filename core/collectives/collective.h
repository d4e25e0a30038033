// What the collective algorithms of this folder are written with: exchange() of a communicator,
// Math::reduce_local and Math::copy, and nothing else. Letters: n ranks, S bytes of the full
// tensor.
//
// A step is one exchange(). Its sends and recvs progress together, so no algorithm here depends on
// a buffered send. All operations of a call go to one stream, in an order that follows from (rank,
// n, size) alone. What a step receives is added from a scratch tensor; each header says how large.
// A sentence about such an operation names the line that called the algorithm; a program of yours
// that calls exchange() itself is named by its own lines.
#pragma once

#include <vector>

#include "core/comm/communicator.h"
#include "core/tensor/math.h"

namespace shardpipe {

struct CollectiveContext {
  Communicator& comm;
  Math& math;
  Device& device;              // of the scratch memory
  Stream& stream;              // of every exchange and addition
  const char* algorithm = "";  // the one that is at work; of static storage
  Where caller = {};           // the line that called it

  // For an algorithm of this name, called there. A part of another one goes under that one's name
  // and line.
  CollectiveContext named(const char* name, Where where) const {
    CollectiveContext on = *this;
    if (*algorithm == '\0') on.algorithm = name;
    if (!caller) on.caller = where;
    return on;
  }
  // For what only chooses an algorithm.
  CollectiveContext called(Where where) const { return named("", where); }
  // The stream, for an operation: a sentence names the caller of the algorithm, if there is one.
  OnStream here(Where where = Where::here()) const { return {stream, caller ? caller : where}; }
  // A step. Its messages carry the name: they fit those of the same algorithm only.
  void exchange(const std::vector<Message>& messages, Where where = Where::here()) const {
    comm.exchange(messages, here(where), algorithm);
  }
  int rank() const { return comm.rank(); }
  int size() const { return comm.size(); }
};

inline Message send_to(int peer, const Tensor& x) { return {Direction::send, peer, x}; }
inline Message recv_from(int peer, const Tensor& x) { return {Direction::recv, peer, x}; }

inline Tensor flat(const Tensor& x) { return x.reshape({x.elements()}); }

// One rank or no elements: the collective does nothing and calls nothing.
inline bool is_trivial(const Tensor& x, const CollectiveContext& on) {
  return on.size() == 1 || x.elements() == 0;
}

// Elements before part i of `count` parts: parts differ by one element at most, longer ones first.
inline Index first_of_part(Index elements, int count, int i) {
  const Index longer = elements % count;
  return i * (elements / count) + (i < longer ? i : longer);
}

inline Index elements_of_part(Index elements, int count, int i) {
  return first_of_part(elements, count, i + 1) - first_of_part(elements, count, i);
}

// A tensor, flat and cut into parts. With fewer elements than parts, the last parts are empty.
class Parts {
 public:
  Parts(const Tensor& whole, int count) : whole_(flat(whole)), count_(count) {}

  int count() const { return count_; }
  DType dtype() const { return whole_.dtype(); }
  Tensor operator[](int i) const { return range(i, i + 1); }
  // Parts first .. last-1, which lie side by side.
  Tensor range(int first, int last) const {
    const Index begin = first_of_part(whole_.elements(), count_, first);
    return whole_.slice(begin, first_of_part(whole_.elements(), count_, last) - begin);
  }
  Index longest() const { return elements_of_part(whole_.elements(), count_, 0); }

 private:
  Tensor whole_;
  int count_;
};

// out = terms[0] op terms[1] op ... from left to right, terms[i] being that of rank i: the same
// bits on every rank that does it. terms[rank] may be `out`; the other terms are scratch, and one
// of them is overwritten.
void reduce_in_rank_order(Tensor out, const std::vector<Tensor>& terms, ReduceOp op,
                          const CollectiveContext& on);

}  // namespace shardpipe
