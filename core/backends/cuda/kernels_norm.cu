#include "core/backends/cuda/cuda_kernels.h"
#include "core/backends/cuda/launch.cuh"

namespace shardpipe::cuda {

void CudaKernels::layer_norm(const View& y, const View& stats, const View& x, const View& gamma,
                             const View& beta, float epsilon, Stream& stream) {
  for_rows(x.shape.rows(),
           LayerNormRow{array(y), array(stats), array(x), array(gamma), array(beta), x.shape.last(),
                        epsilon},
           stream);
}

void CudaKernels::layer_norm_backward_input(const View& dx, const View& dy, const View& x,
                                            const View& stats, const View& gamma, Stream& stream) {
  for_rows(x.shape.rows(),
           LayerNormBackwardRow{array(dx), array(dy), array(x), array(stats), array(gamma),
                                x.shape.last()},
           stream);
}

void CudaKernels::layer_norm_backward_weight(const View& dgamma, const View& dbeta, const View& dy,
                                             const View& x, const View& stats, Stream& stream) {
  for_each(x.shape.last(),
           NormBackwardWeightColumn{.dgamma = array(dgamma),
                                    .dbeta = array(dbeta),
                                    .dy = array(dy),
                                    .x = array(x),
                                    .stats = array(stats),
                                    .T = x.shape.rows(),
                                    .D = x.shape.last(),
                                    .stats_width = 2},
           stream);
}

void CudaKernels::rms_norm(const View& y, const View& stats, const View& x, const View& gamma,
                           float epsilon, Stream& stream) {
  for_rows(x.shape.rows(),
           RmsNormRow{array(y), array(stats), array(x), array(gamma), x.shape.last(), epsilon},
           stream);
}

void CudaKernels::rms_norm_backward_input(const View& dx, const View& dy, const View& x,
                                          const View& stats, const View& gamma, Stream& stream) {
  for_rows(x.shape.rows(),
           RmsNormBackwardRow{array(dx), array(dy), array(x), array(stats), array(gamma),
                              x.shape.last()},
           stream);
}

void CudaKernels::rms_norm_backward_weight(const View& dgamma, const View& dy, const View& x,
                                           const View& stats, Stream& stream) {
  for_each(x.shape.last(),
           NormBackwardWeightColumn{.dgamma = array(dgamma),
                                    .dbeta = {},
                                    .dy = array(dy),
                                    .x = array(x),
                                    .stats = array(stats),
                                    .T = x.shape.rows(),
                                    .D = x.shape.last(),
                                    .stats_width = 1},
           stream);
}

}  // namespace shardpipe::cuda
