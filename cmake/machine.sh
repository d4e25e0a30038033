# What the machine lacks, and its installation; read by ./lab before the first build. Needed are a
# C++20 compiler, CMake 3.22, a build program and four header-only libraries; the rest (Ninja, ccache,
# Catch2 for tests, OpenBLAS for speed, zlib; for the viewer ImGui, libpng, GLFW and OpenGL) is installed
# where it can be had and done without elsewhere.
# Uses of ./lab: root, build, may_install, say, die, has. Sets complete.
# shellcheck shell=bash disable=SC2154,SC2034

# Prints the first compiler that knows the C++20 used here.
find_compiler() {
  local cxx
  for cxx in ${CXX:-c++ g++ g++-14 g++-13 g++-12 g++-11 clang++ clang++-15 clang++-14}; do
    printf '#include <barrier>\nstruct A { int x = 0; };\nA a{.x = 1};\n' |
      "$cxx" -std=c++20 -fsyntax-only -x c++ - >/dev/null 2>&1 || continue
    echo "$cxx"
    return
  done
}

has_cmake() {
  has cmake && printf '3.22\n%s\n' "$(cmake --version | sed -n '1s/[^0-9]*//p')" | sort -VC
}

# Prints what is missing, as Debian names it. What is found outside of packages is not missing.
missing_packages() {
  local cxx
  cxx=$(find_compiler)
  [[ $cxx ]] || echo g++
  has_cmake || echo cmake
  has ninja || echo ninja-build
  has pkg-config || echo pkg-config
  has ccache || echo ccache
  probe=(cat)  # without a compiler every header counts as missing
  [[ $cxx ]] && probe=("$cxx" -std=c++20 -I"$root/third_party" -E -P -x c++ -)
  "${probe[@]}" <<'HEADERS' | sed -n 's/^lacks //p'
#if !__has_include(<nlohmann/json.hpp>)
lacks nlohmann-json3-dev
#endif
#if !__has_include(<rapidjson/reader.h>)
lacks rapidjson-dev
#endif
#if !__has_include(<CLI/CLI.hpp>)
lacks libcli11-dev
#endif
#if !__has_include(<toml++/toml.h>)
lacks libtomlplusplus-dev
#endif
#if !__has_include(<catch2/catch.hpp>) && !__has_include(<catch2/catch_all.hpp>)
lacks catch2
#endif
#if !__has_include(<openblas_config.h>) && !__has_include(<openblas/openblas_config.h>)
lacks libopenblas-pthread-dev
#endif
#if !__has_include(<zlib.h>)
lacks zlib1g-dev
#endif
#if !__has_include(<imgui.h>) && !__has_include(<imgui/imgui.h>)
lacks libimgui-dev
#endif
#if !__has_include(<png.h>)
lacks libpng-dev
#endif
#if !__has_include(<GLFW/glfw3.h>)
lacks libglfw3-dev
#endif
#if !__has_include(<GL/gl.h>)
lacks libgl-dev
#endif
HEADERS
}

# Installs packages with apt-get, as far as that is possible here; check_machine looks at the result.
install_packages() {
  local log=$build/install.log as_root="" install package
  has apt-get || return 0
  if [[ $(id -u) != 0 ]]; then
    as_root="sudo -n"
    if [[ -t 0 ]]; then as_root=sudo; fi  # may ask for the password
    $as_root true || return 0
  fi
  install="$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends"
  say "installing with apt-get: $* (log: $log)"
  {
    compgen -G '/var/lib/apt/lists/*Packages*' || $as_root apt-get update
    $install "$@" || { $as_root apt-get update && $install "$@"; } ||
      for package in "$@"; do $install "$package"; done
  } >"$log" 2>&1 </dev/null || true
}

# Installs what is missing, unless forbidden; ends here when what the build needs is not there.
check_machine() {
  local missing needed="" package
  rm -f "$build/install.log"
  missing=$(missing_packages | xargs)
  if [[ $missing && $may_install ]]; then
    # shellcheck disable=SC2086  # a list of words
    install_packages $missing
    missing=$(missing_packages | xargs)
  fi
  [[ $missing ]] || return 0
  complete=""
  grep -hs '^E:' "$build/install.log" | sort -u | head -2 >&2 || true
  say "missing (named as on Debian and Ubuntu); as root: apt-get update && apt-get install -y $missing"
  for package in $missing; do
    case $package in
      ninja-build) has make || needed+=" $package" ;;
      g++|cmake) needed+=" $package" ;;
      nlohmann-json3-dev|rapidjson-dev|libcli11-dev|libtomlplusplus-dev) [[ $may_install ]] || needed+=" $package" ;;  # CMake looks on
    esac
  done
  [[ ! $needed ]] || die "cannot build without$needed (g++ 11 or clang 14, CMake 3.22)${CXX:+; CXX=$CXX}"
}
