#include "clock.h"

#include <ctime>

namespace atalaya {

uint64_t BootNs() {
  timespec t;
  clock_gettime(CLOCK_BOOTTIME, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1000000000 + static_cast<uint64_t>(t.tv_nsec);
}

int64_t WallOffsetNs() {
  // The one of a few tries in which least time passed between the looks at the boot clock.
  uint64_t least = UINT64_MAX;
  int64_t offset = 0;
  for (int i = 0; i < 4; i++) {
    uint64_t before = BootNs();
    timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    uint64_t passed = BootNs() - before;
    if (passed >= least) continue;
    least = passed;
    offset = static_cast<int64_t>(t.tv_sec) * 1000000000 + t.tv_nsec - static_cast<int64_t>(before + passed / 2);
  }
  return offset;
}

void SleepNs(uint64_t ns) {
  timespec t = {static_cast<time_t>(ns / 1000000000), static_cast<long>(ns % 1000000000)};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &t, nullptr);
}

}  // namespace atalaya
