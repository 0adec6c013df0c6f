#ifndef ATALAYA_ADDON_STATUS_H_
#define ATALAYA_ADDON_STATUS_H_

#include <string>
#include <utility>

namespace atalaya {

/** How an operation ended. `error` is 0 or an errno; `log` is what libbpf and the verifier said, if anything.
 */
struct Status {
  std::string operation;
  int error = 0;
  std::string log;

  bool ok() const { return error == 0; }

  static Status Ok() { return {}; }
  static Status Failed(std::string operation, int error, std::string log = {}) {
    return {std::move(operation), error < 0 ? -error : error, std::move(log)};
  }
};

}  // namespace atalaya

#endif
