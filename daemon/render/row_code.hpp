// The Huffman code in which the rows are spelled that differ between tickets: made once for a layout, from
// what its tickets were seen to need, so that a ticket's rows are looked up and not searched.
//
// One match is used, the pixel before it repeated: rows are differences from the row above, mostly zero.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "bit_string.hpp"

namespace mogiri::daemon {

inline constexpr int least_match = 3, longest_match = 258;

// How many bytes of `data` from `from` on repeat those `step` before them.
inline std::size_t repeated(std::span<const std::uint8_t> data, std::size_t from, std::size_t step) {
    std::size_t at = from;
    for (; at + 8 <= data.size(); at += 8) {
        std::uint64_t one, other;
        std::memcpy(&one, data.data() + at, 8);
        std::memcpy(&other, data.data() + at - step, 8);
        if (one != other)
            break;
    }
    while (at < data.size() && data[at] == data[at - step])
        ++at;
    return at - from;
}

// Spells the bytes as literals and matches; looks back on nothing before them.
template <typename Sink> void spell(std::span<const std::uint8_t> data, std::size_t step, Sink& sink) {
    for (std::size_t at = 0; at < data.size();) {
        std::size_t same = at + step < data.size() ? repeated(data, at + step, step) : 0;
        if (same <= least_match) {
            sink.literal(data[at++]);
            continue;
        }
        for (std::size_t part = 0; part < step; ++part)
            sink.literal(data[at + part]);
        at += step + same;
        while (same > 0) {
            const std::size_t length = same <= longest_match                ? same
                                       : same - longest_match < least_match ? same - least_match
                                                                            : longest_match;
            sink.match(static_cast<int>(length));
            same -= length;
        }
    }
}

// How often each symbol of deflate's first alphabet was seen.
class SymbolCount {
  public:
    void literal(std::uint8_t byte) { ++seen_[byte]; }
    void match(int length);
    const std::array<std::uint32_t, 286>& seen() const { return seen_; }

  private:
    std::array<std::uint32_t, 286> seen_{};
};

class RowCode {
  public:
    // `step`: bytes of a pixel, 1 or 3. What was never seen has a code too.
    RowCode(const SymbolCount& count, int step);

    // The head of a block in this code, and its end with the bits that bring the stream to a byte's end.
    const BitString& head() const { return head_; }
    Bits end() const { return symbols_[256]; }
    Bits literal(std::uint8_t byte) const { return symbols_[byte]; }
    Bits match(int length) const { return matches_[static_cast<std::size_t>(length)]; }

  private:
    std::array<Bits, 286> symbols_;
    std::array<Bits, longest_match + 1> matches_; // with their distance
    BitString head_;
};

// What `spell` writes to: a BitString or a BitWriter behind a code.
template <typename Output> struct CodedOutput {
    const RowCode& code;
    Output& out;
    void literal(std::uint8_t byte) { out.put(code.literal(byte)); }
    void match(int length) { out.put(code.match(length)); }
};

} // namespace mogiri::daemon
