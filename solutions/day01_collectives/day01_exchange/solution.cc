// Day 1: exchange without deadlock.                            ./lab check day01_exchange
//
// A send may wait until the other rank receives. If all ranks send first, all of them wait for
// ever. exchange() takes sends and receives together and waits for none of them in particular: it
// ends when all have arrived. So what ranks give each other at one time belongs into one exchange.
//
// Region 1, the ring. Every rank hands its tensor to the next one, the last rank to rank 0.
//
//   n = 3         in                 out afterwards
//     rank 0:     00 01              20 21
//     rank 1:     10 11              00 01
//     rank 2:     20 21              10 11
//
// Region 2, the chain. The rows of two large fields u and v lie on n ranks, some on each. To work
// on its rows a rank needs the row above them and the row below, which neighbours own; it keeps
// copies of them around its own rows, in halo rows. Afterwards every halo row holds the present
// numbers of the row that it copies. The first halo row of rank 0 and the last one of rank n-1 copy
// nobody's row: they stay as they are.
//
//   n = 3, 2 own rows; u0a is row a of rank 0's u; -- is a halo row before
//     rank 0:  --  u0a u0b  --       --  u0a u0b u1a       the same for v
//     rank 1:  --  u1a u1b  --      u0b  u1a u1b u2a
//     rank 2:  --  u2a u2b  --      u1b  u2a u2b  --
//
// The messages from one rank to another have no names: the first one that is sent fills the first
// one that is received, the second one the second. If rank 0 sends u then v, rank 1 must receive u
// then v.
//
// Allowed, in each region: one exchange, no number sent that nobody needs, no scratch memory.
#include "exercises/day01_collectives/day01_exchange.h"

namespace shardpipe::answer {

void shift(const Tensor& out, const Tensor& in, const CollectiveContext& on) {
  // >>> region 1: out = `in` of the rank before, around the ring (about 2 lines)
  const int n = on.size(), rank = on.rank();
  on.exchange({send_to((rank + 1) % n, in), recv_from((rank + n - 1) % n, out)});
  // <<< region 1
}

void swap_halos(const Tensor& u, const Tensor& v, const CollectiveContext& on) {
  // >>> region 2: halo rows of u and v = the neighbours' rows that lie there (about 14 lines)
  const int rank = on.rank();
  const Index rows = u.size(0) - 2;  // its own are 1 .. rows
  std::vector<Message> messages;
  for (const Tensor& x : {u, v}) {
    if (rank > 0) {
      messages.push_back(send_to(rank - 1, x.slice(1, 1)));
      messages.push_back(recv_from(rank - 1, x.slice(0, 1)));
    }
    if (rank < on.size() - 1) {
      messages.push_back(send_to(rank + 1, x.slice(rows, 1)));
      messages.push_back(recv_from(rank + 1, x.slice(rows + 1, 1)));
    }
  }
  on.exchange(messages);
  // <<< region 2
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::ExchangeAnswer& answer) {
  answer = {.shift = shardpipe::answer::shift, .swap_halos = shardpipe::answer::swap_halos};
}
