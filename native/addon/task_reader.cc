#include "task_reader.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "events.h"
#include "log_capture.h"

namespace atalaya {
namespace {

int ReadAll(int fd, std::vector<uint8_t> *bytes) {
  constexpr size_t kStep = 64 << 10;
  for (size_t filled = 0;;) {
    bytes->resize(filled + kStep);
    ssize_t n = read(fd, bytes->data() + filled, kStep);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    bytes->resize(filled + static_cast<size_t>(n > 0 ? n : 0));
    if (n <= 0) return n < 0 ? errno : 0;
    filled += static_cast<size_t>(n);
  }
}

bool AreTaskRecords(const std::vector<uint8_t> &bytes) {
  for (size_t at = 0; at < bytes.size();) {
    event_header header;
    if (bytes.size() - at < sizeof(event_task)) return false;
    std::memcpy(&header, bytes.data() + at, sizeof(header));
    if (header.abi != ABI_VERSION || header.kind != KIND_TASK) return false;
    if (header.length < sizeof(event_task) || header.length > bytes.size() - at) return false;
    at += header.length;
  }
  return true;
}

}  // namespace

Status ReadTaskRecords(bpf_object *object, std::vector<uint8_t> *records) {
  constexpr const char *kOperation = "read tasks";
  LogCapture log;
  bpf_program *program = bpf_object__find_program_by_name(object, "task_iter");
  if (program == nullptr) return Status::Failed(kOperation, EPROTO, "no program task_iter");
  bpf_link *link = bpf_program__attach_iter(program, nullptr);
  if (link == nullptr) return Status::Failed(kOperation, errno, log.Tail());
  int fd = bpf_iter_create(bpf_link__fd(link));
  int error = fd < 0 ? -fd : ReadAll(fd, records);
  if (fd >= 0) close(fd);
  bpf_link__destroy(link);
  if (error != 0) return Status::Failed(kOperation, error, log.Tail());
  if (!AreTaskRecords(*records)) return Status::Failed(kOperation, EPROTO, "a record is damaged");
  return Status::Ok();
}

}  // namespace atalaya
