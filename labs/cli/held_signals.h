// HeldSignals: while one lives, Ctrl-C, SIGTERM and SIGHUP do not end this program. They end the
// program that it started, if it did, and then this one can tidy up.
#pragma once

#include <sys/types.h>

namespace shardpipe {

class HeldSignals {
 public:
  HeldSignals();
  // The signals do again what they did, and one that came and that nobody took comes now.
  ~HeldSignals();
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  // What comes from now on, and what came, is passed on; as to kill(), -N is a group. 0: nobody.
  void pass_to(pid_t process) const;
  static int came();  // the last one, or 0
  static int take();  // likewise; it has no other effect then
};

}  // namespace shardpipe
