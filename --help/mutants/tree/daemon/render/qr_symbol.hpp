// The QR symbol of a text: a square of dark and light modules, without its quiet zone.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace mogiri::daemon {

enum class ErrorCorrection { L, M, Q, H };

class QrSymbol {
  public:
    // The smallest version that holds the text, alphanumeric where the text allows it. A text without NUL;
    // throws std::invalid_argument when it is empty or fits into no version.
    QrSymbol(std::string_view text, ErrorCorrection level);

    int version() const { return version_; }
    int width() const { return width_; }
    bool dark(int x, int y) const { return modules_[static_cast<std::size_t>(y) * width_ + x] & 1; }

  private:
    int version_, width_;
    std::vector<std::uint8_t> modules_;
};

} // namespace mogiri::daemon
