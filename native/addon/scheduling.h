#ifndef ATALAYA_ADDON_SCHEDULING_H_
#define ATALAYA_ADDON_SCHEDULING_H_

namespace atalaya {

enum class Scheduling { kNormal, kNice, kFifo };

/**
 * Makes the calling thread run before ordinary ones, as far as the node allows: SCHED_FIFO 1, else nice -20.
 * A loop of vfork on every core starves an ordinary thread for seconds, a nice one too.
 */
Scheduling RaiseThread();

const char *SchedulingName(Scheduling scheduling);

}  // namespace atalaya

#endif
