// Bits in deflate's order, the lowest of a byte first: strings of them made beforehand, and a writer.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

namespace mogiri::daemon {

struct Bits {
    std::uint32_t value = 0;
    int count = 0; // at most 32
};

class BitString {
  public:
    void put(Bits bits) {
        const std::size_t at = length_ / 64, shift = length_ % 64;
        words_.resize(at + 2);
        words_[at] |= std::uint64_t{bits.value} << shift;
        if (shift > 32)
            words_[at + 1] |= std::uint64_t{bits.value} >> (64 - shift);
        length_ += static_cast<std::size_t>(bits.count);
    }
    std::size_t length() const { return length_; }
    const std::vector<std::uint64_t>& words() const { return words_; }

  private:
    std::vector<std::uint64_t> words_;
    std::size_t length_ = 0;
};

// Writes into room that the caller has made large enough: eight bytes more than the bits take.
class BitWriter {
  public:
    explicit BitWriter(std::uint8_t* room) : at_(room) {}

    void put(Bits bits) {
        held_ |= std::uint64_t{bits.value} << count_;
        count_ += bits.count;
        if (count_ >= 32)
            spill();
    }

    void put(const BitString& bits) {
        std::size_t left = bits.length();
        for (const std::uint64_t word : bits.words()) {
            put({static_cast<std::uint32_t>(word), left < 32 ? static_cast<int>(left) : 32});
            if (left <= 32)
                return;
            left -= 32;
            put({static_cast<std::uint32_t>(word >> 32), left < 32 ? static_cast<int>(left) : 32});
            if (left <= 32)
                return;
            left -= 32;
        }
    }

    // Zeros up to the next byte. Returns where the bytes end.
    std::uint8_t* align() {
        for (; count_ > 0; count_ -= 8, held_ >>= 8)
            *at_++ = static_cast<std::uint8_t>(held_);
        count_ = 0;
        return at_;
    }

  private:
    void spill() {
        std::memcpy(at_, &held_, 4); // little-endian, as all of Debian's release architectures but s390x are
        at_ += 4;
        held_ >>= 32;
        count_ -= 32;
    }

    std::uint8_t* at_;
    std::uint64_t held_ = 0;
    int count_ = 0; // below 32 between calls
};

} // namespace mogiri::daemon
