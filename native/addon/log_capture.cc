#include "log_capture.h"

#include <bpf/libbpf.h>

#include <cstdarg>
#include <cstdio>

namespace atalaya {
namespace {

constexpr size_t kTailBytes = 16 << 10;

thread_local LogCapture *current = nullptr;

int Print(enum libbpf_print_level level, const char *format, va_list arguments) {
  if (level == LIBBPF_DEBUG || current == nullptr) return 0;
  va_list again;
  va_copy(again, arguments);
  int length = vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (length <= 0) return 0;
  std::string text(static_cast<size_t>(length) + 1, '\0');
  vsnprintf(text.data(), text.size(), format, arguments);
  text.pop_back();
  current->Append(text);
  return length;
}

}  // namespace

LogCapture::LogCapture() : outer_(current) {
  current = this;
  libbpf_set_print(Print);
}

LogCapture::~LogCapture() { current = outer_; }

void LogCapture::Append(const std::string &text) {
  text_ += text;
  if (text_.size() > 2 * kTailBytes) text_.erase(0, text_.size() - kTailBytes);
}

std::string LogCapture::Tail() const {
  return text_.size() > kTailBytes ? text_.substr(text_.size() - kTailBytes) : text_;
}

}  // namespace atalaya
