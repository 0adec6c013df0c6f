#ifndef ATALAYA_ADDON_TASK_READER_H_
#define ATALAYA_ADDON_TASK_READER_H_

#include <cstdint>
#include <vector>

#include "status.h"

struct bpf_object;

namespace atalaya {

/** Runs the loaded object's task iterator: records of all processes, back to back, each checked for ABI and
 * length. */
Status ReadTaskRecords(bpf_object *object, std::vector<uint8_t> *records);

}  // namespace atalaya

#endif
