#include "core/model/checkpoint.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/json.h"

namespace shardpipe {
namespace {

// A tensor of the file, and how many of its numbers the ranks have among them.
struct Entry {
  std::vector<Index> sizes = {};
  Index counted = 0;

  Index elements() const {
    Index n = 1;
    for (const Index size : sizes) n *= size;
    return n;
  }
};
using Directory = std::map<std::string, Entry>;

// Of the ranks that hold the same numbers one counts them.
bool counts(const RankContext& ctx, const Shard& shard, const Piece& piece) {
  return piece.counts && !shard.parameter->copy && ctx.coord.dp == 0;
}

// Calls visit(piece, name in files) for every piece of a shard.
template <class Visit>
void for_each_piece(const RankContext& ctx, const Shard& shard, const Visit& visit) {
  for (const Piece& piece : shard.parameter->pieces(ctx.coord.tp))
    visit(piece, shard.kind + piece.name);
}

// What every rank says, by rank, on all ranks. A character a number: collectives move those.
std::vector<std::string> say_to_all(RankContext& ctx, const std::string& mine) {
  Tensor longest(ctx.device, {1}, DType::i32);
  ctx.math.upload(longest, std::vector{static_cast<std::int32_t>(mine.size())}, ctx.compute);
  ctx.world.all_reduce(longest, ReduceOp::max, ctx.compute);
  const Index length = ctx.math.to_host_integers(longest, ctx.compute).at(0);
  std::vector<std::int32_t> letters(mine.begin(), mine.end());
  letters.resize(static_cast<std::size_t>(length), 0);
  Tensor in(ctx.device, {length}, DType::i32),
      all(ctx.device, {ctx.world.size(), length}, DType::i32);
  ctx.math.upload(in, letters, ctx.compute);
  ctx.world.all_gather(all, in, ctx.compute);
  letters = ctx.math.to_host_integers(all, ctx.compute);
  std::vector<std::string> said;
  for (auto at = letters.begin(); at != letters.end(); at += length) {
    const auto end = std::find(at, at + length, 0);
    said.emplace_back(at, end);
  }
  return said;
}

// The tensors of all ranks, which no rank knows by itself: another pipeline stage has others.
Directory directory_of(RankContext& ctx, const std::vector<Shard>& shards) {
  Json mine = Json::list();
  for (const Shard& shard : shards)
    for_each_piece(ctx, shard, [&](const Piece& piece, const std::string& name) {
      Json tensor = Json::list({name, counts(ctx, shard, piece) ? elements_of(piece) : Index{0}});
      for (int i = 0; i < piece.full.dims(); ++i) tensor.push_back(piece.full[i]);
      mine.push_back(std::move(tensor));
    });
  Directory directory;
  for (const std::string& said : say_to_all(ctx, mine.dump())) {
    const std::optional<Json> tensors = parse_json(said);
    for (const Json& tensor : tensors->elements()) {
      const Json::List& words = tensor.elements();
      Entry& entry = directory[words.at(0).string()];
      entry.counted += words.at(1).integer();
      entry.sizes.clear();
      for (std::size_t i = 2; i < words.size(); ++i) entry.sizes.push_back(words[i].integer());
    }
  }
  return directory;
}

// Where the numbers of whole tensors are that this rank counts.
struct Source {
  const Shard* shard = nullptr;
  Piece piece = {};
};
using Sources = std::map<std::string, Source>;

Sources sources_of(const RankContext& ctx, const std::vector<Shard>& shards) {
  Sources sources;
  for (const Shard& shard : shards)
    for_each_piece(ctx, shard, [&](const Piece& piece, const std::string& name) {
      if (counts(ctx, shard, piece)) sources[name] = {&shard, piece};
    });
  return sources;
}

// The part of a whole tensor that this rank counts.
struct Part {
  Piece piece = {};
  Shape local = {};
  std::vector<float> numbers = {};  // of the local tensor
};

std::optional<Part> part_of(RankContext& ctx, const Sources& sources, const std::string& name) {
  const auto found = sources.find(name);
  if (found == sources.end()) return {};
  const auto& [shard, piece] = found->second;
  return Part{piece, shard->tensor.shape(), ctx.math.to_host(shard->tensor, ctx.compute)};
}

// The bits of numbers first, first + 1, ... of a whole tensor: those that this rank counts, and 0
// elsewhere. As integers, because the sum over ranks then keeps every bit, also that of -0.
std::vector<std::int32_t> bits_of(const std::optional<Part>& part, Index first, Index count) {
  std::vector<std::int32_t> bits(static_cast<std::size_t>(count), 0);
  if (!part) return bits;
  for_each_run(part->piece, part->local, [&](Index full, Index local, Index length) {
    const Index begin = std::max(first, full), end = std::min(first + count, full + length);
    if (begin < end)
      std::memcpy(&bits[static_cast<std::size_t>(begin - first)],
                  &part->numbers[static_cast<std::size_t>(local + begin - full)],
                  sizeof(float) * static_cast<std::size_t>(end - begin));
  });
  return bits;
}

// Calls use(first, count) for all blocks of so many numbers.
template <class Use>
void by_blocks(Index numbers, const Use& use) {
  for (Index first = 0; first < numbers; first += kCheckpointBlock)
    use(first, std::min(kCheckpointBlock, numbers - first));
}

void refuse_not_finite(const SafetensorsFile& file, const std::string& tensor, Index first,
                       std::span<const float> numbers) {
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (!std::isfinite(numbers[i]))
      usage_error(text(file.name(), ": tensor ", tensor, ": its number ",
                       first + static_cast<Index>(i), " is ", numbers[i],
                       ": no run can go on with that"));
}

// A tensor of this rank, from all that its pieces have in the file; 0 in padding.
void read_shard(RankContext& ctx, SafetensorsFile& file, const Shard& shard) {
  const Tensor flat = shard.tensor.reshape({shard.tensor.elements()});
  by_blocks(flat.elements(), [&](Index first, Index count) {
    std::vector<float> numbers(static_cast<std::size_t>(count), 0.0f);
    for_each_piece(ctx, shard, [&](const Piece& piece, const std::string& name) {
      const StoredTensor& stored = file.find(name, piece.full);
      for_each_run(piece, shard.tensor.shape(), [&](Index full, Index local, Index length) {
        const Index begin = std::max(first, local), end = std::min(first + count, local + length);
        if (begin >= end) return;
        const Index at = full + begin - local;
        const std::span<float> into(&numbers[static_cast<std::size_t>(begin - first)],
                                    static_cast<std::size_t>(end - begin));
        file.read(stored, at, into);
        refuse_not_finite(file, name, at, into);
      });
    });
    ctx.math.upload(flat.slice(first, count), numbers, ctx.compute);
    ctx.compute.synchronize();  // else blocks would queue up
  });
}

}  // namespace

std::vector<Shard> weight_shards(const std::vector<Parameter*>& weights) {
  std::vector<Shard> shards;
  for (const Parameter* p : weights) shards.push_back({"", p, p->value});
  return shards;
}

std::vector<Shard> optimizer_shards(const AdamW& optimizer) {
  std::vector<Shard> shards;
  for (const AdamW::State& s : optimizer.states()) {
    shards.push_back({"adamw.m.", s.parameter, s.m});
    shards.push_back({"adamw.v.", s.parameter, s.v});
  }
  return shards;
}

std::vector<Shard> run_shards(const std::vector<Parameter*>& weights, const AdamW& optimizer) {
  std::vector<Shard> shards = weight_shards(weights);
  for (Shard& shard : shards)
    for (const AdamW::State& s : optimizer.states())
      if (s.parameter == shard.parameter && !s.master.empty()) shard.tensor = s.master;
  for (Shard& state : optimizer_shards(optimizer)) shards.push_back(std::move(state));
  return shards;
}

std::optional<Error> write_checkpoint(RankContext& ctx, OutputFile& out, const Metadata& metadata,
                                      const std::vector<Shard>& shards) {
  const Directory directory = directory_of(ctx, shards);
  const Sources sources = sources_of(ctx, shards);
  std::vector<std::pair<std::string, std::vector<Index>>> tensors;
  for (const auto& [name, entry] : directory) {
    if (entry.counted != entry.elements())
      fail(ExitCode::fault, text("checkpoint: of the ", entry.elements(), " numbers of ", name,
                                 " the ranks count ", entry.counted));
    tensors.emplace_back(name, entry.sizes);
  }
  std::optional<Error> failed;
  const auto write = [&](std::string_view bytes) {
    if (ctx.rank != 0 || failed) return;
    try {
      out.write(bytes);
    } catch (const Error& e) {
      failed = e;
    }
  };
  write(safetensors_beginning(metadata, tensors));
  for (const auto& [name, entry] : directory) {
    const std::optional<Part> part = part_of(ctx, sources, name);
    by_blocks(entry.elements(), [&](Index first, Index count) {
      Tensor block(ctx.device, {count}, DType::i32);
      ctx.math.upload(block, bits_of(part, first, count), ctx.compute);
      ctx.world.all_reduce(block, ctx.compute);
      const std::vector<std::int32_t> sum = ctx.math.to_host_integers(block, ctx.compute);
      write({reinterpret_cast<const char*>(sum.data()), sizeof(float) * sum.size()});
    });
  }
  return failed;
}

void read_checkpoint(RankContext& ctx, SafetensorsFile& file, const std::vector<Shard>& shards) {
  for (const Shard& shard : shards) read_shard(ctx, file, shard);
}

std::vector<std::string> unwanted_in(RankContext& ctx, const SafetensorsFile& file,
                                     const std::vector<Shard>& shards) {
  const Directory wanted = directory_of(ctx, shards);
  std::vector<std::string> unwanted;
  for (const auto& [name, tensor] : file.tensors())
    if (!wanted.contains(name)) unwanted.push_back(name);
  return unwanted;
}

}  // namespace shardpipe
