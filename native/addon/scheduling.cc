#include "scheduling.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace atalaya {

Scheduling RaiseThread() {
  sched_param parameters = {};
  parameters.sched_priority = 1;
  if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters) == 0) return Scheduling::kFifo;
  id_t thread = static_cast<id_t>(syscall(SYS_gettid));
  return setpriority(PRIO_PROCESS, thread, -20) == 0 ? Scheduling::kNice : Scheduling::kNormal;
}

const char *SchedulingName(Scheduling scheduling) {
  switch (scheduling) {
    case Scheduling::kFifo:
      return "fifo";
    case Scheduling::kNice:
      return "nice";
    default:
      return "normal";
  }
}

}  // namespace atalaya
