#ifndef ATALAYA_ADDON_PERIODS_H_
#define ATALAYA_ADDON_PERIODS_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace atalaya {

/** The last spans of time in which something was the case; older ones are forgotten. */
class Periods {
 public:
  void Add(uint64_t from_ns, uint64_t to_ns) { spans_[next_++ % spans_.size()] = {from_ns, to_ns}; }

  /** The state at this moment, for what lasts. */
  void Now(bool is_so, uint64_t now_ns) {
    if (is_so && since_ns_ == 0) since_ns_ = now_ns;
    if (!is_so && since_ns_ != 0) {
      Add(since_ns_, now_ns);
      since_ns_ = 0;
    }
  }

  bool Touch(uint64_t from_ns, uint64_t to_ns) const {
    if (since_ns_ != 0 && since_ns_ <= to_ns) return true;
    for (const Span &span : spans_) {
      if (span.to_ns != 0 && span.from_ns <= to_ns && span.to_ns >= from_ns) return true;
    }
    return false;
  }

 private:
  struct Span {
    uint64_t from_ns = 0;
    uint64_t to_ns = 0;
  };
  std::array<Span, 32> spans_{};
  size_t next_ = 0;
  uint64_t since_ns_ = 0;
};

}  // namespace atalaya

#endif
