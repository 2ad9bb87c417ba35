#include "row_filter.hpp"

#include <cstdlib>
#include <cstring>

namespace mogiri::daemon {

namespace {

int predicted(RowFilterKind filter, int left, int above, int corner) {
    switch (filter) {
    case none:
        return 0;
    case sub:
        return left;
    case up:
        return above;
    case average:
        return (left + above) / 2;
    case paeth:
        break;
    }
    const int guess = left + above - corner;
    const int a = std::abs(guess - left), b = std::abs(guess - above), c = std::abs(guess - corner);
    return a <= b && a <= c ? left : b <= c ? above : corner;
}

// The smaller the differences, the better they compress: libpng's rule of thumb.
unsigned long weight(const std::vector<std::uint8_t>& spelled) {
    unsigned long sum = 0;
    for (std::size_t at = 1; at < spelled.size(); ++at)
        sum += spelled[at] < 128 ? spelled[at] : 256u - spelled[at];
    return sum;
}

} // namespace

void RowFilter::apply(RowFilterKind filter, const std::uint8_t* row, const std::uint8_t* above) {
    tried_[0] = filter;
    for (std::size_t at = 0; at < row_bytes_; ++at) {
        const int left = at >= pixel_bytes_ ? row[at - pixel_bytes_] : 0;
        const int corner = at >= pixel_bytes_ ? above[at - pixel_bytes_] : 0;
        tried_[at + 1] = static_cast<std::uint8_t>(row[at] - predicted(filter, left, above[at], corner));
    }
}

const std::vector<std::uint8_t>& RowFilter::in(RowFilterKind filter, const std::uint8_t* row,
                                               const std::uint8_t* above) {
    apply(filter, row, above);
    return tried_;
}

const std::vector<std::uint8_t>& RowFilter::best(const std::uint8_t* row, const std::uint8_t* above) {
    if (std::memcmp(row, above, row_bytes_) == 0)
        return in(up, row, above);
    if (pixel_bytes_ == 1)
        return in(none, row, above);
    unsigned long least = ~0ul;
    for (const RowFilterKind filter : {none, sub, up, average, paeth}) {
        apply(filter, row, above);
        if (const unsigned long tried = weight(tried_); tried < least)
            least = tried, best_.swap(tried_);
    }
    return best_;
}

} // namespace mogiri::daemon
