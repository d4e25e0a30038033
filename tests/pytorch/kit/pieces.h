// What ranks hold, written down rank by rank, so that each copy of a number is held against PyTorch
// and not one for all. "RANK/NUMBER/DIM/FIRST/COUNT/NAME" is, of a rank's NUMBERth tensor, COUNT
// slices from FIRST on along DIM of the full tensor NAME; all lists of numbers are flat.
#pragma once

#include <mutex>
#include <vector>

#include "core/model/checkpoint.h"
#include "tests/pytorch/kit/tensors.h"

namespace shardpipe {

std::vector<Shard> gradient_shards(const std::vector<Parameter*>& weights);

class Pieces {
 public:
  // Called by any rank. `before`: in front of each name, "step3/".
  void add(RankContext& ctx, const std::vector<Shard>& shards, const std::string& before = "");
  void add(const std::string& name, const std::vector<float>& numbers);

  const FileTensors& tensors() const { return tensors_; }  // once the ranks are done

 private:
  std::mutex mutex_;
  FileTensors tensors_;
};

// The numbers of whole tensors, for Parameters. Usage error where there is none. Borrows.
Fill fill_from(const FileTensors& tensors, const std::string& file);

// Puts numbers where backward would leave the gradients.
void fill_gradients(RankContext& ctx, const std::vector<Parameter*>& parameters, const Fill& fill);

}  // namespace shardpipe
