// This program brings gemm_plain.cc along; its functions stand before those of the library, so the
// tests of gemm_test.cc run on the plain product here.
#include "core/backends/cpu/kernels/blas.h"
#include "core/launch/machine.h"
#include "tests/support/catch.h"

namespace shardpipe {

TEST_CASE("this program multiplies without a library") {
  CHECK(blas_description() == "none: the plain product of gemm_plain.cc");
}

}  // namespace shardpipe
