#include "global_variables.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <initializer_list>

namespace atalaya {

bool FindGlobalVariable(bpf_object *object, const char *name, GlobalVariable *variable) {
  const btf *types = bpf_object__btf(object);
  if (types == nullptr) return false;
  for (const char *section : {".rodata", ".data", ".bss"}) {
    int id = btf__find_by_name_kind(types, section, BTF_KIND_DATASEC);
    bpf_map *map = bpf_object__find_map_by_name(object, section);
    if (id < 0 || map == nullptr) continue;
    const btf_type *type = btf__type_by_id(types, static_cast<__u32>(id));
    const btf_var_secinfo *info = btf_var_secinfos(type);
    for (int i = 0; i < btf_vlen(type); i++) {
      const btf_type *var = btf__type_by_id(types, info[i].type);
      if (std::strcmp(btf__name_by_offset(types, var->name_off), name) != 0) continue;
      if (info[i].offset + info[i].size > bpf_map__value_size(map)) return false;
      *variable = {map, info[i].offset, info[i].size};
      return true;
    }
  }
  return false;
}

uint8_t *InitialBytes(const GlobalVariable &variable) {
  size_t size = 0;
  // libbpf gives it as const, yet it is the buffer that it copies into the map at load, meant to be written.
  void *bytes = const_cast<void *>(bpf_map__initial_value(variable.map, &size));
  return bytes == nullptr ? nullptr : static_cast<uint8_t *>(bytes) + variable.offset;
}

int MappedSection::Map(bpf_map *map) {
  Unmap();
  size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  size_t length = (bpf_map__value_size(map) + page - 1) / page * page;
  void *bytes = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
  if (bytes == MAP_FAILED) return errno;
  map_ = map;
  bytes_ = static_cast<uint8_t *>(bytes);
  length_ = length;
  return 0;
}

void MappedSection::Unmap() {
  if (bytes_ != nullptr) munmap(bytes_, length_);
  map_ = nullptr;
  bytes_ = nullptr;
}

}  // namespace atalaya
