#ifndef ATALAYA_ADDON_CGROUP_HIERARCHY_H_
#define ATALAYA_ADDON_CGROUP_HIERARCHY_H_

#include <cstdint>
#include <string>

#include "status.h"

namespace atalaya {

/** The hierarchy whose cgroup ids the records carry. */
struct CgroupHierarchy {
  /** "v2", or the v1 controller. */
  std::string name = "v2";
  /** The controller's number in this kernel; -1 for v2. */
  int32_t subsystem = -1;
};

/**
 * `wanted`: "v2", "memory", "cpu", "pids", or "auto": where a node mixes both versions, containers live in
 * the v1 hierarchies, so the first of memory, cpu and pids that is one; else v2.
 */
Status ChooseCgroupHierarchy(const std::string &wanted, CgroupHierarchy *chosen);

/** Whether the kernel describes its types, which programs need to be loaded. */
bool HasKernelTypes();

}  // namespace atalaya

#endif
