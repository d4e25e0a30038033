#include "exercises/day03_block/day03_cross_entropy.h"
#include "labs/answers.h"
#include "labs/day03_block/answered_parts.h"

namespace shardpipe {
namespace {

class AnsweredLoss : public TokenLoss {
 public:
  explicit AnsweredLoss(Index vocabulary) : vocabulary_(vocabulary) {}

  Tensor forward(Tensor logits, Tensor targets, int microbatch, RankContext& ctx) override {
    const auto one_a_token = [&] { return Tensor(ctx.device, {logits.size(0)}); };
    const LossState state{.max = one_a_token(), .target = one_a_token(), .sum = one_a_token()};
    const Tensor loss(ctx.device, {1});
    answer_.largest_logits(state, logits, rows(ctx), ctx);
    answer_.loss_forward(loss, logits, targets, state, rows(ctx), ctx);
    saved_[microbatch] = {.p = logits, .targets = targets, .state = state};
    return loss;
  }
  Tensor backward(float scale, int microbatch, RankContext& ctx) override {
    const Saved s = take(saved_, microbatch);
    answer_.loss_backward(s.p, s.targets, s.state, rows(ctx), scale, ctx);
    return s.p;  // dlogits [T,V'/t]
  }
  void drop(int microbatch) override { saved_.erase(microbatch); }

 private:
  struct Saved {
    Tensor p, targets;
    LossState state;
  };
  VocabularyRows rows(RankContext& ctx) const {
    const VocabularyShare share = vocabulary_share(vocabulary_, ctx.tp.rank(), ctx.tp.size());
    return {.first = share.first, .count = share.rows, .valid = share.valid};
  }

  Index vocabulary_;
  CrossEntropyAnswer answer_ = load_answer<CrossEntropyAnswer>("day03_cross_entropy");
  std::map<int, Saved> saved_;
};

}  // namespace

std::unique_ptr<TokenLoss> answered_loss(Index vocabulary) {
  return std::make_unique<AnsweredLoss>(vocabulary);
}

}  // namespace shardpipe
