// The builders behind build_schedule, which has checked p, m and v. Ask build_schedule, not these.
#pragma once

#include "core/schedule/schedule.h"

namespace shardpipe {

Schedule naive(int p, int m);
Schedule gpipe(int p, int m);
Schedule forward_only(int p, int m);
Schedule one_f_one_b(int p, int m);
Schedule eager_1f1b(int p, int m);
Schedule zb_h1(int p, int m);
Schedule zb_h2(int p, int m);                               // m >= 2p-1
Schedule interleaved_1f1b(int p, int m, int v, int group);  // p <= group <= m, or m < p
Schedule looped_bfs(int p, int m, int v);                   // m >= p
Schedule zb_v(int p, int m);                                // m >= 2p-1
Schedule v_half(int p, int m);                              // m >= p+2
Schedule v_min(int p, int m);                               // m >= p+2
Schedule dualpipe_v(int p, int m);                          // m >= 2p
Schedule dualpipe(int p, int m);                            // p and m even, m >= 2p

// The group of interleaved_1f1b where none is said: the least from p on that leaves no last group
// of fewer than p micro-batches; m where m < p.
int default_group(int p, int m);

}  // namespace shardpipe
