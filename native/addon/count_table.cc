#include "count_table.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>

namespace atalaya {

Status TakeRows(const bpf_map *map, uint8_t epoch, bool is_coarse, std::vector<CountedRow> *rows) {
  if (map == nullptr || bpf_map__key_size(map) != sizeof(CountedKey) ||
      bpf_map__value_size(map) != sizeof(CountedValue))
    return Status::Failed("read counts", EPROTO, "the object has no such table");
  int fd = bpf_map__fd(map);
  // All at once: a bucket that does not fit would end a smaller batch.
  __u32 count = bpf_map__max_entries(map);
  std::vector<CountedKey> keys(count);
  std::vector<CountedValue> values(count);
  __u64 next = 0;
  LIBBPF_OPTS(bpf_map_batch_opts, options);
  int error = bpf_map_lookup_batch(fd, nullptr, &next, keys.data(), values.data(), &count, &options);
  if (error != 0 && error != -ENOENT) return Status::Failed("read counts", -error);
  std::vector<CountedKey> taken;
  for (__u32 i = 0; i < count; i++) {
    if (keys[i].epoch != epoch) continue;
    taken.push_back(keys[i]);
    rows->push_back({keys[i], values[i], is_coarse});
  }
  if (taken.empty()) return Status::Ok();
  count = static_cast<__u32>(taken.size());
  error = bpf_map_delete_batch(fd, taken.data(), &count, &options);
  return error == 0 ? Status::Ok() : Status::Failed("remove counts", -error);
}

}  // namespace atalaya
