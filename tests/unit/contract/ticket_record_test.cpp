// Ticket records and ready marks keep what is put into them.
#include "ticket_record.hpp"

#include <gtest/gtest.h>

#include "ready_mark.hpp"

namespace mogiri {
namespace {

TEST(TicketRecord, comes_back_whole) {
    const TicketRecord record{true,
                              3,
                              4,
                              123456789012ULL,
                              {{1, 2, 300, 1'760'000'000'000, 5, 70000, 250, 3}, {2, 0, 1, 1'760'086'400'000, 6, 7}},
                              {{70000, "12345678", 1'760'000'000'000, 12, 'X', 1, 2, 300}},
                              "ABCDEFGH",
                              "山田 花子"};
    EXPECT_EQ(decode_ticket_record(encode(record)), record);
}

TEST(TicketRecord, reads_the_short_form_of_a_first_entry) {
    TicketRecord record{false, 3, 2, 9, {}, {}, "ABCDEFGH", "山田 花子"};
    const std::string unused = encode(record);
    record.days = {{1, 1, 1, 1'760'000'000'000, 5, 70000}};
    record.scans = {{70000, "12345678", 1'760'000'000'000, 1, 'E', 1, 1, 1}};
    const std::string scan = encode(record.scans[0]); // device, nonce digest, time, …
    const std::string use = std::string("\0\5", 2) + scan.substr(0, 18) + "\1\1\x84";
    EXPECT_EQ(decode_ticket_record(unused + use), record);
    for (std::size_t cut = 1; cut < use.size(); ++cut)
        EXPECT_FALSE(decode_ticket_record(unused + use.substr(cut))) << cut;
}

TEST(TicketRecord, refuses_what_is_cut_short) {
    for (const TicketRecord& record : {TicketRecord{false, 0, 1, 1, {{}}, {}, "ABCDEFGH", ""},
                                       TicketRecord{false, 0, 1, 1, {}, {}, "ABCDEFGH", ""}}) {
        const std::string bytes = encode(record);
        for (std::size_t size = bytes.size() - 1; size < bytes.size(); --size) {
            EXPECT_FALSE(decode_ticket_record(bytes.substr(bytes.size() - size))) << size;
            if (size != 19) { // then it is one that was never used
                EXPECT_FALSE(decode_ticket_record(bytes.substr(0, size))) << size;
            }
        }
    }
}

TEST(ReadyMark, comes_back_whole) {
    const ReadyMark mark{std::string(40, 'a'), 2, 3, first_batch(2) + 7};
    const std::string text = encode(mark);
    EXPECT_EQ(text.size(), 79U);
    const auto back = decode_ready_mark(text);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->batch, (2ULL << 32) + 7);
    EXPECT_EQ(back->settings, 3U);
    EXPECT_FALSE(decode_ready_mark(text + " "));
}

} // namespace
} // namespace mogiri
