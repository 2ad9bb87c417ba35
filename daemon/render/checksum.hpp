// Adler-32 of data that comes in pieces: theirs are found once and put together as numbers.
#pragma once

#include <cstddef>
#include <cstdint>

#include <libdeflate.h>

namespace mogiri::daemon {

// Of a piece alone, as if nothing stood before it; the stream's own is `stream()` of all pieces together.
struct Checksum {
    std::uint32_t low = 0, high = 0;
    std::uint64_t length = 0;

    static Checksum of(const std::uint8_t* data, std::size_t length) {
        const std::uint32_t both = libdeflate_adler32(0, data, length);
        return {both & 0xffff, both >> 16, length};
    }

    // What follows is seen by the sums before it once for each of its bytes.
    void append(const Checksum& next) {
        high = static_cast<std::uint32_t>((high + next.length % modulus * low + next.high) % modulus);
        low = (low + next.low) % modulus;
        length += next.length;
    }

    // A zlib stream's begins with 1, which every byte sees.
    std::uint32_t stream() const {
        return static_cast<std::uint32_t>((high + length) % modulus) << 16 | (low + 1) % modulus;
    }

  private:
    static constexpr std::uint64_t modulus = 65521;
};

} // namespace mogiri::daemon
