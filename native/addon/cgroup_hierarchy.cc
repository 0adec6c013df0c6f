#include "cgroup_hierarchy.h"

#include <bpf/btf.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <sstream>

#include "log_capture.h"

namespace atalaya {
namespace {

using Types = std::unique_ptr<btf, void (*)(btf *)>;

Types LoadKernelTypes() {
  LogCapture log;
  return Types(btf__load_vmlinux_btf(), btf__free);
}

/** True when the controller is bound to a v1 hierarchy (its number is not 0 in /proc/cgroups). */
bool IsVersion1(const std::string &controller) {
  std::ifstream file("/proc/cgroups");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    int hierarchy = 0;
    if (words >> name >> hierarchy && name == controller) return hierarchy != 0;
  }
  return false;
}

/** The kernel numbers its controllers by what it was built with: <controller>_cgrp_id of enum
 * cgroup_subsys_id. */
int32_t SubsystemNumber(const std::string &controller, const Types &types) {
  int id = btf__find_by_name_kind(types.get(), "cgroup_subsys_id", BTF_KIND_ENUM);
  if (id < 0) return -1;
  const btf_type *type = btf__type_by_id(types.get(), static_cast<__u32>(id));
  const struct btf_enum *values = btf_enum(type);
  for (int i = 0; i < btf_vlen(type); i++) {
    if (btf__name_by_offset(types.get(), values[i].name_off) == controller + "_cgrp_id") return values[i].val;
  }
  return -1;
}

}  // namespace

Status ChooseCgroupHierarchy(const std::string &wanted, CgroupHierarchy *chosen) {
  *chosen = {};
  std::string controller = wanted;
  if (wanted == "auto") {
    controller = "v2";
    for (const char *candidate : {"pids", "cpu", "memory"}) {
      if (IsVersion1(candidate)) controller = candidate;
    }
  }
  if (controller == "v2") return Status::Ok();
  Types types = LoadKernelTypes();
  if (!types) return Status::Failed("find kernel types", ENOENT);
  int32_t number = SubsystemNumber(controller, types);
  if (number < 0) return Status::Failed("choose cgroup hierarchy", ENOENT, "no controller " + controller);
  *chosen = {controller, number};
  return Status::Ok();
}

bool HasKernelTypes() { return LoadKernelTypes() != nullptr; }

}  // namespace atalaya
