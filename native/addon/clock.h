#ifndef ATALAYA_ADDON_CLOCK_H_
#define ATALAYA_ADDON_CLOCK_H_

#include <cstdint>

namespace atalaya {

constexpr uint64_t kNsPerMs = 1000000;

/** CLOCK_BOOTTIME in ns: the clock of the records. */
uint64_t BootNs();

/** CLOCK_REALTIME minus CLOCK_BOOTTIME in ns, to within the time that two looks at a clock take. */
int64_t WallOffsetNs();

/** Sleeps for about so long; signals do not end it early by more than one call. */
void SleepNs(uint64_t ns);

}  // namespace atalaya

#endif
