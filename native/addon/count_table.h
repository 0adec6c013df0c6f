#ifndef ATALAYA_ADDON_COUNT_TABLE_H_
#define ATALAYA_ADDON_COUNT_TABLE_H_

#include <cstdint>
#include <vector>

#include "status.h"

struct bpf_map;

namespace atalaya {

/** struct counted_key of budget.h. */
struct CountedKey {
  uint64_t cgroup_id = 0;
  uint64_t exe_inode = 0;
  uint64_t object = 0;
  uint32_t exe_dev = 0;
  uint32_t object_dev = 0;
  uint32_t flags_class = 0;
  uint16_t kind = 0;
  uint8_t lane = 0;
  uint8_t epoch = 0;
};

/** struct counted_row of budget.h. */
struct CountedValue {
  uint64_t count = 0;
  uint64_t first_ns = 0;
  uint64_t last_ns = 0;
};

/** Events that were counted, not sent. `is_coarse`: only cgroup, kind and lane are known. */
struct CountedRow {
  CountedKey key;
  CountedValue value;
  bool is_coarse = false;
};

/**
 * Takes the rows of one epoch out of a map of counts. Only when no program counts in that epoch any more: then no
 * count is lost.
 */
Status TakeRows(const bpf_map *map, uint8_t epoch, bool is_coarse, std::vector<CountedRow> *rows);

}  // namespace atalaya

#endif
