#!/usr/bin/env bash
# The checks checked: violations are planted in a temporary copy of the project, beside things that
# are allowed. Each check must report exactly the planted lines that say BAD, and nothing else there.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
all_files | tr '\n' '\0' | tar -cf - --null --ignore-failed-read -T - 2>/dev/null | tar -xf - -C "$copy"
cd "$copy"
failures=0 planted=() checks_seen=""

plant() {  # plant FILE <text
  mkdir -p "$(dirname "$1")"
  cat >"$1"
  planted+=("$1")
}

# Before anything is planted: a check that fails must say where.
for check in "$here"/*.sh; do
  case ${check##*/} in lib.sh|self_test.sh) continue ;; esac
  reported=$("$check" "$copy" 2>&1) || grep -q '^[^:]*:[0-9]*: ' <<<"$reported" || {
    echo "${check##*/}: fails without naming a place: $reported"
    failures=1
  }
done

# Runs one check over the copy, with and without git, and takes the planted files away again.
expect() {
  local expected reported git
  expected=$(grep -n BAD "${planted[@]}" /dev/null | cut -d: -f1,2 | sort)
  [[ $expected ]] || { echo "self_test.sh: nothing planted for $1"; failures=1; }
  for git in without with; do
    if [[ $git == with ]]; then git init -q . 2>/dev/null || continue; fi
    if reported=$("$here/$1.sh" "$copy" 2>&1); then
      echo "$1 ($git git): passed in spite of planted violations"
      failures=1
    fi
    reported=$(grep -F -f <(printf '%s:\n' "${planted[@]}") <<<"$reported" | cut -d: -f1,2 | sort || true)
    if [[ $reported != "$expected" ]]; then
      printf '%s (%s git): expected < and reported > differ\n' "$1" "$git"
      diff <(echo "$expected") <(echo "$reported") || failures=1
    fi
  done
  rm -rf .git "${planted[@]}"
  planted=() checks_seen+=" $1.sh"
}

plant core/base/planted.h <<'END'
#include <vector>
#include "core/base/error.h"
#include "core/device/device.h"  // BAD
#include "core/schedule/action.h"  // BAD
END
plant core/tensor/planted.cc <<'END'
#include "core/base/error.h"
#include "core/device/device.h"
  #  include "core/comm/communicator.h"  // BAD
#include "tensor.h"  // BAD
#include "../device/device.h"  // BAD
#include "labs/lab.h"  // BAD
END
plant core/tensor_parallel/planted.cc <<'END'
#include "core/base/error.h"
#include "core/context/rank_context.h"
#include "core/comm/communicator.h"
#include "core/pipeline/runner.h"  // BAD
#include "core/backends/cpu/transport.h"  // BAD
END
plant core/schedule/planted.cc <<'END'
#include "core/base/error.h"
#include "core/device/device.h"  // BAD
END
plant core/plan/planted.cc <<'END'
#include "core/model/model.h"
#include "core/cost/cost_model.h"
#include "core/launch/launch.h"  // BAD
END
plant core/backends/cpu/planted.cc <<'END'
#include "core/backends/cpu/memory.h"
#include "core/launch/launch.h"
#include "core/trace/trace.h"
#include "core/model/model.h"  // BAD
#include "core/backends/modelled/log.h"  // BAD
END
plant core/backends/mpi/planted.cc <<'END'
#include "core/backends/cpu/memory.h"
#include "core/backends/modelled/log.h"  // BAD
END
plant core/reference/planted.cc <<'END'
#include "core/model/config.h"
#include "core/backends/cpu/kernels/cpu_kernels.h"
#include "core/backends/modelled/log.h"  // BAD
#include "tests/support/catch.h"  // BAD
END
plant core/model/planted.cc <<'END'
#include "core/reference/reference.h"  // BAD
END
plant core/novel/planted.cc <<'END'
#include "core/base/error.h"  // BAD
END
plant labs/planted.cc <<'END'
#include "core/plan/plan.h"
#include "core/backends/cpu/memory.h"  // BAD
#include "viz/view.h"  // BAD
END
plant solutions/planted.cc <<'END'
#include "core/comm/communicator.h"
#include "exercises/not_written.h"
#include "core/reference/reference.h"  // BAD
END
plant viz/planted.cc <<'END'
#include "core/trace/trace.h"
#include "imgui.h"
#include "core/model/model.h"  // BAD
END
plant tests/backends/planted.cc <<'END'
#include "core/backends/cpu/memory.h"
#include "core/backends/modelled/log.h"
END
plant third_party/planted.cc <<'END'
#include "../device/device.h"
END
expect include_directions

plant core/comm/planted.cc <<'END'
#include <vector>
#include <cuda_runtime.h>  // BAD
# include "nccl.h"  // BAD
#include <mpi.h>  // BAD
#include <openblas/cblas.h>  // BAD
#include "core/backends/cuda/cuda_handles.h"
END
plant core/backends/cuda/planted.cu <<'END'
#include <cublasLt.h>
#include <cooperative_groups.h>
#include <nccl.h>
#include <mpi.h>  // BAD
END
plant core/backends/cpu/planted.cc <<'END'
#include <cblas.h>
#include <cuda_bf16.h>  // BAD
END
plant core/backends/mpi/planted.cc <<'END'
#include <mpi.h>
END
plant tests/bench/planted.cc <<'END'
#include <mpi.h>
#include <openblas_config.h>  // BAD
END
plant tests/comm/planted.cc <<'END'
#include <mpi.h>  // BAD
END
expect vendor_headers

plant core/device/planted.cc <<'END'
#pragma once
#if defined(__linux__) && !defined(SOME_COMPILER)
#endif
#ifdef USE_CUDA  // BAD
#endif
#if defined(A) || \
    defined(SHARDPIPE_HAS_NCCL)  // BAD
#elif defined(OPENBLAS_VERSION)  // BAD
#endif
#ifndef WITH_MPI  // BAD
#endif
#if __has_include(<zlib.h>)  // BAD
#endif
#if 0  // BAD
#endif
#define CHECK_SHAPE(x) check(x)  // BAD
// #define IN_A_COMMENT(x)
const char* text = "#if CUDA";
END
plant tests/support/planted.h <<'END'
#if __has_include(<catch2/catch_all.hpp>)
#endif
#define CATCH_CONFIG_RUNNER
END
plant tests/planted/CMakeLists.txt <<'END'
set_tests_properties(a PROPERTIES WILL_FAIL ON)  # BAD
END
expect preprocessor

plant notes.txt <<<'BAD'
plant .hidden <<<'a dot file'
plant docs/planted.md <<<'a page'
plant build-planted/planted.txt <<<'ignored'
expect top_level

numbers() { seq -f '// %g' "$1"; }
plant core/base/planted_300.cc < <(numbers 300)
plant core/base/planted_301.cc < <(numbers 300; echo '// BAD'; numbers 20)
plant labs/planted/CMakeLists.txt < <(numbers 300; echo '# BAD')
plant tests/planted_long.cc < <(numbers 400)
plant viz/planted_columns.cc < <(
  printf '%0100d\n' 0
  printf '%097dBAD!\n' 0
  printf '%098d\303\227\303\227\n' 0)  # two multiplication signs: 100 characters, 102 bytes
expect sizes

slash=/
plant docs/planted.md <<END
see ${slash}work/main/x BAD
built in ("${slash}root/.cache/") BAD
core${slash}work/x, \$root/x and the network${slash}root/x are fine
from http:${slash}/deb.${slash#/}debian.org BAD
pypi.${slash#/}org BAD and registry.${slash#/}npmjs.org BAD
END
expect machine_paths

plant labs/planted.cc <<'END'
#include <fstream>
std::ifstream in(file);
std::ofstream out(file);  // BAD
std::fstream both(file);  // BAD
std::fopen(file.c_str(), "rb");
std::fopen(file.c_str(), "w");  // BAD
std::fopen(file.c_str(), "r+");  // BAD
open(file.c_str(), O_RDONLY | O_CLOEXEC);
open(file.c_str(), O_RDWR | O_CREAT);  // BAD
open("/dev/null", O_WRONLY);
// no OutputFile: somebody else's
open(file.c_str(), O_WRONLY);
open(file.c_str(), O_WRONLY);  // BAD
// an ofstream in a comment
END
plant tests/planted.cc <<<'std::ofstream of_a_test(file);'
expect files_written

plant labs/planted.cc <<'END'
std::cerr << "wrote " << file;  // BAD
std::printf("%s\n", name.c_str());  // BAD
fprintf(stderr, "no");  // BAD
std::fputs(words, stdout);  // BAD
puts(words);  // BAD
std::fwrite(bytes, 1, n, stderr);  // BAD
std::snprintf(buffer, sizeof buffer, "%d", 3);
print("%s", words);
std::fwrite(bytes, 1, n, file);
say("see ./lab view " + file);  // BAD
std::cout << "./lab view " << shown(file);  // BAD
std::cout << "./lab view " << shell_file(file) << "./lab view step.json";
END
plant tests/planted.cc <<'END'
std::printf("%d\n", seconds);
END
expect terminal

plant tests/planted_bugs/bugs/planted_wrong.patch <<'END'
BAD: breaks a line that is not there
--- a/core/planted.txt
+++ b/core/planted.txt
@@ -1 +1 @@
-a line of another time
+its bug
END
plant tests/planted_bugs/bugs/planted_right.patch <<'END'
breaks a line that is there
--- a/core/planted.txt
+++ b/core/planted.txt
@@ -1 +1 @@
-a line of today
+its bug
END
plant core/planted.txt <<<'a line of today'
expect planted_bugs

plant viz/planted.cc <<'END'
#include <fstream>
std::ifstream in(file);  // BAD
std::ofstream out(file);
std::fopen(file.c_str(), "rb");  // BAD
std::fopen(file.c_str(), "w");
open(file.c_str(),
     O_RDONLY | O_CLOEXEC);  // BAD
open("/dev/null", O_RDONLY);
mmap(nullptr, size, PROT_READ, MAP_PRIVATE, in, 0);  // BAD
gzopen(file.c_str(), "rb");  // BAD
toml::parse_file(file);  // BAD
// no InputFile: nobody names it
std::ifstream in(file);
std::ifstream in(file);  // BAD
// an ifstream in a comment
END
plant tests/planted.cc <<<'std::ifstream of_a_test(file);'
expect files_read

plant docs/planted.md <<'END'
[a page](glossary.md), [a term](glossary.md#wire-bytes), [a folder](../labs), [elsewhere](https://a.b/c#d), `[code](x.md)`
[a page](no_such_page.md)  <!-- BAD -->
## Here, and there
[a place](#here-and-there) [a place](../docs/planted.md#marked) <a id="marked"></a>
[a place](#nowhere)  <!-- BAD -->
[a term](glossary.md#payload) and [a term](glossary.md#pay-load)  <!-- BAD -->
```
[in a drawing](no_such_page.md)
```
END
expect links

for check in "$here"/*.sh; do
  case ${check##*/} in lib.sh|self_test.sh) continue ;; esac
  [[ " $checks_seen " == *" ${check##*/} "* ]] || { echo "${check##*/}: planted nothing for it"; failures=1; }
done
exit $failures
