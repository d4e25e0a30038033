// Bootstrap: how the members of a new group agree on a few bytes (NCCL's id) before they have any
// wires. Ranks that are threads use a table; ranks that are processes need another way (MPI, file).
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "core/backends/cuda/device.h"

namespace shardpipe::cuda {

class Bootstrap {
 public:
  virtual ~Bootstrap() = default;
  // The value that `make` gave to the group's first rank. Each member calls it once per key.
  virtual std::string share(const std::string& key, bool first,
                            const std::function<std::string()>& make, CudaDevice& device) = 0;
};

class ThreadBootstrap : public Bootstrap {
 public:
  std::string share(const std::string& key, bool first, const std::function<std::string()>& make,
                    CudaDevice& device) override {
    if (first) {
      const std::string value = make();
      const std::lock_guard lock(mutex_);
      values_[key] = value;
    }
    std::string found;
    const auto look = [&] {
      const std::lock_guard lock(mutex_);
      const auto it = values_.find(key);
      if (it == values_.end()) return false;
      found = it->second;
      return true;
    };
    if (first) device.board().moved();
    device.board().wait(device.rank(), EndedBy::ranks, look,
                        [&] { return "waits for the first rank of group " + key; });
    return found;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> values_;
};

}  // namespace shardpipe::cuda
