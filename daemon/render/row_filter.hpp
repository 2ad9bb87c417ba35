// PNG's filters: a row told as the differences from what its neighbours foretell.
#pragma once

#include <cstdint>
#include <vector>

namespace mogiri::daemon {

// PNG's filters, by their numbers on the wire.
enum RowFilterKind : std::uint8_t { none, sub, up, average, paeth };

class RowFilter {
  public:
    RowFilter(std::size_t row_bytes, int pixel_bytes)
        : row_bytes_(row_bytes), pixel_bytes_(static_cast<std::size_t>(pixel_bytes)), best_(row_bytes + 1),
          tried_(row_bytes + 1) {}

    // The filter byte and the row in it. Palette indexes are no measures: only a row that equals the one
    // above is worth a filter there.
    const std::vector<std::uint8_t>& best(const std::uint8_t* row, const std::uint8_t* above);
    const std::vector<std::uint8_t>& in(RowFilterKind filter, const std::uint8_t* row,
                                        const std::uint8_t* above);

  private:
    void apply(RowFilterKind filter, const std::uint8_t* row, const std::uint8_t* above);

    std::size_t row_bytes_, pixel_bytes_;
    std::vector<std::uint8_t> best_, tried_;
};

} // namespace mogiri::daemon
