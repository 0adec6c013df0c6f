#ifndef ATALAYA_ADDON_LOG_CAPTURE_H_
#define ATALAYA_ADDON_LOG_CAPTURE_H_

#include <string>

namespace atalaya {

/**
 * Catches what libbpf prints on this thread for as long as it lives. libbpf has one print function for the
 * whole process and passes it no context, so the place to write to is kept per thread.
 */
class LogCapture {
 public:
  LogCapture();
  ~LogCapture();
  LogCapture(const LogCapture &) = delete;
  LogCapture &operator=(const LogCapture &) = delete;

  void Append(const std::string &text);
  /** The last part of what was said, at most 16 KiB: the verifier gives its reason at the end. */
  std::string Tail() const;

 private:
  LogCapture *outer_;
  std::string text_;
};

}  // namespace atalaya

#endif
