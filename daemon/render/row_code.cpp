// Deflate's code lengths and block heads (RFC 1951, 3.2).
#include "row_code.hpp"

#include <algorithm>
#include <queue>
#include <vector>

namespace mogiri::daemon {

namespace {

struct LengthSymbol {
    int symbol, base, extra_bits;
};

// The symbol of a match's length: 257 and on; four of each number of extra bits, but 258 has its own.
LengthSymbol length_symbol(int length) {
    if (length == longest_match)
        return {285, longest_match, 0};
    int symbol = 257, base = least_match;
    for (int extra = 0;; ++extra)
        for (int of_four = 0; of_four < (extra == 0 ? 8 : 4); ++of_four, ++symbol, base += 1 << extra)
            if (length < base + (1 << extra))
                return {symbol, base, extra};
}

// How deep each symbol lies in Huffman's tree; one that was not seen in none.
std::vector<int> depths(const std::vector<std::uint64_t>& seen) {
    struct Node {
        std::uint64_t weight;
        int left, right;
    };
    std::vector<Node> nodes;
    using Entry = std::pair<std::uint64_t, int>;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> lightest;
    std::vector<int> leaf_of(seen.size(), -1);
    for (std::size_t symbol = 0; symbol < seen.size(); ++symbol)
        if (seen[symbol] > 0) {
            leaf_of[symbol] = static_cast<int>(nodes.size());
            lightest.emplace(seen[symbol], static_cast<int>(nodes.size()));
            nodes.push_back({seen[symbol], -1, -1});
        }
    while (lightest.size() > 1) {
        const Entry one = lightest.top();
        lightest.pop();
        const Entry other = lightest.top();
        lightest.pop();
        lightest.emplace(one.first + other.first, static_cast<int>(nodes.size()));
        nodes.push_back({one.first + other.first, one.second, other.second});
    }
    std::vector<int> depth(nodes.size(), 0);
    for (std::size_t node = nodes.size(); node-- > 0;)
        for (const int child : {nodes[node].left, nodes[node].right})
            if (child >= 0)
                depth[static_cast<std::size_t>(child)] = depth[node] + 1;
    std::vector<int> result(seen.size(), 0);
    for (std::size_t symbol = 0; symbol < seen.size(); ++symbol)
        if (leaf_of[symbol] >= 0)
            result[symbol] = std::max(1, depth[static_cast<std::size_t>(leaf_of[symbol])]);
    return result;
}

// Where the tree is too deep, the weights are brought nearer to one another until it is not.
std::vector<int> code_lengths(std::vector<std::uint64_t> seen, int longest) {
    for (;;) {
        std::vector<int> lengths = depths(seen);
        if (*std::max_element(lengths.begin(), lengths.end()) <= longest)
            return lengths;
        for (std::uint64_t& weight : seen)
            weight = weight == 0 ? 0 : weight / 2 + 1;
    }
}

// Codes in deflate's order: shorter ones first, then by symbol; their bits reversed, as they are written.
std::vector<Bits> codes(const std::vector<int>& lengths) {
    std::vector<Bits> result(lengths.size());
    std::uint32_t next = 0;
    for (int length = 1; length <= 15; ++length, next <<= 1)
        for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
            if (lengths[symbol] != length)
                continue;
            std::uint32_t reversed = 0;
            for (int bit = 0; bit < length; ++bit)
                reversed |= (next >> bit & 1) << (length - 1 - bit);
            result[symbol] = {reversed, length};
            ++next;
        }
    return result;
}

struct LengthToken {
    std::size_t symbol;
    Bits extra;
};

// Code lengths as a block's head spells them: 16 repeats the one before it, 17 and 18 are zeros.
std::vector<LengthToken> run_lengths(const std::vector<int>& lengths) {
    std::vector<LengthToken> tokens;
    for (std::size_t at = 0; at < lengths.size();) {
        std::size_t same = 1;
        while (at + same < lengths.size() && lengths[at + same] == lengths[at])
            ++same;
        if (lengths[at] == 0 && same >= 3) {
            const std::size_t taken = std::min<std::size_t>(same, 138);
            tokens.push_back(taken <= 10 ? LengthToken{17, {static_cast<std::uint32_t>(taken - 3), 3}}
                                         : LengthToken{18, {static_cast<std::uint32_t>(taken - 11), 7}});
            at += taken;
            continue;
        }
        tokens.push_back({static_cast<std::size_t>(lengths[at]), {}});
        ++at;
        for (--same; same >= 3;) {
            const std::size_t taken = std::min<std::size_t>(same, 6);
            tokens.push_back({16, {static_cast<std::uint32_t>(taken - 3), 2}});
            at += taken, same -= taken;
        }
    }
    return tokens;
}

BitString block_head(const std::vector<int>& literal_lengths, int step) {
    std::vector<int> all = literal_lengths;
    all.insert(all.end(), static_cast<std::size_t>(step - 1), 0);
    all.push_back(1); // the one distance
    const std::vector<LengthToken> tokens = run_lengths(all);
    std::vector<std::uint64_t> seen(19);
    for (const LengthToken& token : tokens)
        ++seen[token.symbol];
    const std::vector<int> lengths = code_lengths(seen, 7);
    const std::vector<Bits> code = codes(lengths);
    constexpr std::array<std::size_t, 19> order = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                   11, 4,  12, 3, 13, 2, 14, 1, 15};
    std::size_t told = order.size();
    while (told > 4 && lengths[order[told - 1]] == 0)
        --told;
    BitString head;
    head.put({0b100, 3}); // not the last block; a code of its own
    head.put({286 - 257, 5});
    head.put({static_cast<std::uint32_t>(step - 1), 5});
    head.put({static_cast<std::uint32_t>(told - 4), 4});
    for (std::size_t index = 0; index < told; ++index)
        head.put({static_cast<std::uint32_t>(lengths[order[index]]), 3});
    for (const LengthToken& token : tokens) {
        head.put(code[token.symbol]);
        head.put(token.extra);
    }
    return head;
}

} // namespace

void SymbolCount::match(int length) {
    ++seen_[static_cast<std::size_t>(length_symbol(length).symbol)];
}

RowCode::RowCode(const SymbolCount& count, int step) {
    // What was seen weighs so much that the rest costs it little.
    std::vector<std::uint64_t> weights;
    for (const std::uint32_t seen : count.seen())
        weights.push_back(std::uint64_t{seen} * 64 + 1);
    const std::vector<int> lengths = code_lengths(std::move(weights), 15);
    const std::vector<Bits> code = codes(lengths);
    std::copy(code.begin(), code.end(), symbols_.begin());
    for (int length = least_match; length <= longest_match; ++length) {
        const auto [symbol, base, extra_bits] = length_symbol(length);
        Bits& match = matches_[static_cast<std::size_t>(length)];
        match = symbols_[static_cast<std::size_t>(symbol)];
        match.value |= static_cast<std::uint32_t>(length - base) << match.count;
        match.count += extra_bits + 1; // the distance's code is one bit, zero
    }
    head_ = block_head(lengths, step);
}

} // namespace mogiri::daemon
