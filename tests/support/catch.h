// Catch2 2.13 and 3 behind one include.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
namespace shardpipe {
using TestListener = Catch::EventListenerBase;
}
#else
#include <catch2/catch.hpp>
namespace shardpipe {
using TestListener = Catch::TestEventListenerBase;
}
#endif
