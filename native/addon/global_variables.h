#ifndef ATALAYA_ADDON_GLOBAL_VARIABLES_H_
#define ATALAYA_ADDON_GLOBAL_VARIABLES_H_

#include <cstddef>
#include <cstdint>

struct bpf_map;
struct bpf_object;

namespace atalaya {

/** Where a global variable of the BPF object lies. */
struct GlobalVariable {
  bpf_map *map = nullptr;
  uint32_t offset = 0;
  uint32_t size = 0;
};

/** Finds a variable of .rodata, .data or .bss by its name in the object's BTF. */
bool FindGlobalVariable(bpf_object *object, const char *name, GlobalVariable *variable);

/** Its bytes as they will be at load; nullptr when they cannot be reached. Only between open and load. */
uint8_t *InitialBytes(const GlobalVariable &variable);

/** A data section of the loaded object, mapped: what is written here the programs see at once. */
class MappedSection {
 public:
  MappedSection() = default;
  ~MappedSection() { Unmap(); }
  MappedSection(const MappedSection &) = delete;
  MappedSection &operator=(const MappedSection &) = delete;

  /** 0 or an errno. */
  int Map(bpf_map *map);
  void Unmap();
  bpf_map *map() const { return map_; }
  uint8_t *bytes() const { return bytes_; }

 private:
  bpf_map *map_ = nullptr;
  uint8_t *bytes_ = nullptr;
  size_t length_ = 0;
};

}  // namespace atalaya

#endif
