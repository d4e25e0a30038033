#include "tests/pytorch/kit/pieces.h"

namespace shardpipe {

std::vector<Shard> gradient_shards(const std::vector<Parameter*>& weights) {
  std::vector<Shard> shards;
  for (const Parameter* p : weights) shards.push_back({"", p, p->grad});
  return shards;
}

void Pieces::add(RankContext& ctx, const std::vector<Shard>& shards, const std::string& before) {
  int number = 0;  // makes names differ: a rank may hold a tied table twice
  for (const auto& [kind, parameter, tensor] : shards) {
    ++number;
    const std::vector<float> local = ctx.math.to_host(tensor, ctx.compute);
    for (const Piece& piece : parameter->pieces(ctx.coord.tp)) {
      if (piece.count == 0) continue;  // all of this rank's part is padding
      std::vector<float> part;
      for_each_number(piece, tensor.shape(), [&](Index, Index here) {
        part.push_back(local[static_cast<std::size_t>(here)]);
      });
      add(text(before, ctx.rank, "/", number, "/", piece.dim, "/", piece.full_first, "/",
               piece.count, "/", kind, piece.name),
          part);
    }
  }
}

void Pieces::add(const std::string& name, const std::vector<float>& numbers) {
  const std::lock_guard lock(mutex_);
  tensors_[name] = {{static_cast<Index>(numbers.size())}, numbers};
}

Fill fill_from(const FileTensors& tensors, const std::string& file) {
  return [&tensors, file](const std::string& name, Index index) {
    const auto found = tensors.find(name);
    if (found == tensors.end() || static_cast<std::size_t>(index) >= found->second.numbers.size())
      usage_error(text(file, ": ", name, " has no number ", index));
    return found->second.numbers[static_cast<std::size_t>(index)];
  };
}

void fill_gradients(RankContext& ctx, const std::vector<Parameter*>& parameters, const Fill& fill) {
  for (const Parameter* p : parameters) {
    Parameter as_value = *p;
    as_value.value = p->grad;
    fill_parameter(ctx, as_value, fill);
  }
}

}  // namespace shardpipe
