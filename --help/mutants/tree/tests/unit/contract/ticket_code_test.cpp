// Ticket codes: every changed character is refused, and so is every other spelling.
#include "ticket_code.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base32.hpp"

namespace mogiri {
namespace {

const std::string one_key = "1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
const std::string other_key = "2 ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

TEST(TicketCode, tells_what_it_was_issued_for) {
    TicketCodes codes(MasterKeys::parse(one_key));
    const std::string code = codes.issue(7, 42);
    EXPECT_EQ(code.size(), ticket_code_length);
    TicketId ticket;
    EXPECT_EQ(codes.verify(code, ticket), CodeVerdict::genuine);
    EXPECT_EQ(ticket, (TicketId{7, 42, 1}));
    TicketId last{last_event_number, last_ticket_serial, 1};
    EXPECT_EQ(codes.verify(codes.issue(last), ticket), CodeVerdict::genuine);
    EXPECT_EQ(ticket, last);
}

TEST(TicketCode, refuses_every_single_changed_character) {
    TicketCodes codes(MasterKeys::parse(one_key));
    for (std::uint64_t serial : {1ULL, 987654321ULL}) {
        const std::string code = codes.issue(1, serial);
        for (std::size_t i = 0; i < code.size(); ++i)
            for (int c = 0; c < 256; ++c) {
                if (static_cast<char>(c) == code[i])
                    continue;
                std::string changed = code;
                changed[i] = static_cast<char>(c);
                TicketId ticket;
                ASSERT_NE(codes.verify(changed, ticket), CodeVerdict::genuine)
                    << "position " << i << ", " << c;
            }
    }
}

TEST(TicketCode, refuses_other_shapes) {
    TicketCodes codes(MasterKeys::parse(one_key));
    const std::string code = codes.issue(1, 5);
    TicketId ticket;
    for (std::size_t size = 0; size < 100; ++size)
        if (size != code.size()) {
            std::string other = code + code + code;
            other.resize(size);
            EXPECT_EQ(codes.verify(other, ticket), CodeVerdict::misshapen) << size;
        }
    std::string lower = code;
    for (char& c : lower)
        c = static_cast<char>(std::tolower(c));
    EXPECT_EQ(codes.verify(lower, ticket), CodeVerdict::misshapen);
    EXPECT_EQ(codes.verify(code.substr(0, 33) + "=", ticket), CodeVerdict::misshapen);
    EXPECT_EQ(codes.verify(code + "======", ticket), CodeVerdict::misshapen);
}

TEST(TicketCode, refuses_spare_bits) {
    TicketCodes codes(MasterKeys::parse(one_key));
    const std::string code = codes.issue(1, 5);
    const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const auto last = alphabet.find(code.back());
    ASSERT_EQ(last % 4, 0U);
    TicketId ticket;
    for (std::size_t spare = 1; spare < 4; ++spare) {
        std::string changed = code;
        changed.back() = alphabet[last + spare];
        EXPECT_EQ(codes.verify(changed, ticket), CodeVerdict::misshapen);
    }
}

TEST(TicketCode, holds_while_keys_change) {
    TicketCodes before(MasterKeys::parse(one_key));
    TicketCodes between(MasterKeys::parse(one_key + other_key));
    TicketCodes after(MasterKeys::parse(other_key));
    TicketId ticket;
    EXPECT_EQ(between.verify(before.issue(1, 1), ticket), CodeVerdict::genuine);
    EXPECT_EQ(after.verify(between.issue(1, 1), ticket), CodeVerdict::genuine);
    EXPECT_EQ(after.verify(before.issue(1, 1), ticket), CodeVerdict::forged);
}

TEST(MasterKeys, names_the_line_that_is_wrong) {
    for (const char* text :
         {"", "1 00", "16 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
          "1 zz0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"})
        EXPECT_THROW(MasterKeys::parse(text), std::invalid_argument) << text;
    EXPECT_THROW(MasterKeys::parse(one_key + one_key), std::invalid_argument);
    EXPECT_EQ(MasterKeys::parse("# today's\n\n" + one_key).signing_key(), 1);
}

TEST(TicketReference, is_unique_and_catches_a_typo) {
    std::set<std::string> seen;
    for (std::uint64_t serial = 0; serial < 20000; ++serial)
        EXPECT_TRUE(seen.insert(ticket_reference(serial)).second);
    const std::string reference = ticket_reference(77);
    EXPECT_TRUE(reference_is_plausible(reference));
    EXPECT_EQ(read_reference(reference), reference);
    EXPECT_FALSE(read_reference(reference.substr(1)));
    for (std::size_t i = 0; i < reference.size(); ++i)
        for (char c : std::string("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
            if (c != reference[i]) {
                std::string typo = reference;
                typo[i] = c;
                EXPECT_FALSE(reference_is_plausible(typo)) << typo;
            }
}

TEST(Base32, has_one_spelling) {
    const std::vector<std::uint8_t> bytes{'f', 'o', 'o', 'b', 'a'};
    EXPECT_EQ(base32_encode(bytes), "MZXW6YTB"); // RFC 4648, section 10
    EXPECT_EQ(base32_decode("MZXW6YTB"), bytes);
    for (const char* wrong : {"M", "MZX", "MZXW6Y", "mzxw6ytb", "MZXW6YT1", "MZ======", "MZXW7"})
        EXPECT_FALSE(base32_decode(wrong)) << wrong;
}

} // namespace
} // namespace mogiri
