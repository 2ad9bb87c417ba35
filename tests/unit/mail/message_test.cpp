// Composed mails, read back by GMime and by eye for what goes over the wire.
#include <mail/file_name.hpp>
#include <mail/message.hpp>

#include <gmime/gmime.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../../../daemon/owned.hpp"

namespace mogiri::daemon {
namespace {

Message sample() {
    Message message;
    message.from_name = "第30回 音楽祭 実行委員会";
    message.from = "tickets@example.jp";
    message.to = "a..b.@docomo.ne.jp";
    message.reply_to = "contact@example.jp";
    message.message_id = "<mogiri.1@example.jp>";
    message.language = "ja";
    message.subject = "【第30回 音楽祭】入場券をお送りします（とても長い件名でも途中で壊れません）";
    message.text = "一行目\n.\nFrom 二行目\n";
    message.html = "<p>" + std::string(3000, 'x') + "</p>";
    message.attachments = {{"山田 花子.png", std::string("\x89PNG\r\n\0\n", 9)},
                           {"O'Brien \"B\".png", "png"}};
    return message;
}

struct Read {
    Owned<GMimeMessage, g_object_unref> message;
    std::vector<std::pair<std::string, std::string>> parts; // file name (or type), content
};

Read read_back(const std::string& bytes) {
    g_mime_init();
    const Owned<GMimeStream, g_object_unref> stream(
        g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
    const Owned<GMimeParser, g_object_unref> parser(g_mime_parser_new_with_stream(stream.get()));
    Read read;
    read.message.reset(g_mime_parser_construct_message(parser.get(), nullptr));
    g_mime_message_foreach(
        read.message.get(),
        [](GMimeObject*, GMimeObject* part, gpointer list) {
            if (!GMIME_IS_PART(part))
                return;
            const char* name = g_mime_part_get_filename(GMIME_PART(part));
            const Owned<char, g_free> type(
                g_mime_content_type_get_mime_type(g_mime_object_get_content_type(part)));
            const Owned<GMimeStream, g_object_unref> content(g_mime_stream_mem_new());
            g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(part)), content.get());
            const GByteArray* array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(content.get()));
            EXPECT_EQ(g_mime_part_get_content_encoding(GMIME_PART(part)), GMIME_CONTENT_ENCODING_BASE64);
            static_cast<decltype(Read::parts)*>(list)->emplace_back(
                name ? name : type.get(),
                std::string(reinterpret_cast<const char*>(array->data), array->len));
        },
        &read.parts);
    return read;
}

TEST(Message, ReadsBackWhole) {
    const Message message = sample();
    const Read read = read_back(compose(message));
    EXPECT_EQ(g_mime_message_get_subject(read.message.get()), message.subject);
    EXPECT_STREQ(g_mime_message_get_message_id(read.message.get()), "mogiri.1@example.jp");
    InternetAddress* from = internet_address_list_get_address(g_mime_message_get_from(read.message.get()), 0);
    EXPECT_EQ(internet_address_get_name(from), message.from_name);
    InternetAddress* to = internet_address_list_get_address(g_mime_message_get_to(read.message.get()), 0);
    EXPECT_STREQ(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(to)), "\"a..b.\"@docomo.ne.jp");
    ASSERT_EQ(read.parts.size(), 4u);
    EXPECT_EQ(read.parts[0],
              std::pair(std::string("text/plain"), std::string("一行目\r\n.\r\nFrom 二行目\r\n")));
    EXPECT_EQ(read.parts[1].second, message.html);
    EXPECT_EQ(read.parts[2], std::pair(message.attachments[0].file_name, message.attachments[0].content));
    EXPECT_EQ(read.parts[3], std::pair(message.attachments[1].file_name, message.attachments[1].content));
}

// Pictures that the HTML shows stand with it (RFC 2387), the others beside it, each once.
TEST(Message, ShowsPicturesInTheTextAndAttachesNoneTwice) {
    Message message = sample();
    message.attachments = {{"山田 花子.png", "first", "image/png", "1.mogiri.1@example.jp"},
                           {"entry.ics", "BEGIN:VCALENDAR", "text/calendar"},
                           {"髙橋.png", "second", "image/png", "2.mogiri.1@example.jp"}};
    const std::string bytes = compose(message);
    const Read read = read_back(bytes);
    std::vector<std::string> names;
    for (const auto& part : read.parts)
        names.push_back(part.first);
    EXPECT_THAT(names,
                testing::ElementsAre("text/plain", "text/html", "山田 花子.png", "髙橋.png", "entry.ics"));
    EXPECT_THAT(bytes, testing::HasSubstr("\r\nContent-ID: <2.mogiri.1@example.jp>\r\n"));
    EXPECT_LT(bytes.find("multipart/mixed"), bytes.find("multipart/related"));
    EXPECT_LT(bytes.find("multipart/related"), bytes.find("multipart/alternative;"));
    message.attachments.clear();
    EXPECT_EQ(compose(message).find("multipart/mixed"), std::string::npos);
}

TEST(Message, HasShortAsciiLinesEndedByCrLf) {
    const std::string bytes = compose(sample());
    std::size_t line = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        EXPECT_LT(static_cast<unsigned char>(bytes[i]), 0x80);
        if (bytes[i] == '\n') {
            EXPECT_EQ(bytes[i - 1], '\r') << i;
            EXPECT_LE(i - line, 77u) << bytes.substr(line, i - line);
            line = i + 1;
        }
    }
    EXPECT_TRUE(bytes.ends_with("\r\n"));
}

TEST(Message, InjectsNothing) {
    Message message = sample();
    message.subject = message.from_name = "x\r\nBcc: evil@example.jp\r\n\r\nbody";
    message.attachments[0].file_name = "a\r\nContent-Type: text/html\".png";
    const Read read = read_back(compose(message));
    EXPECT_EQ(g_mime_message_get_bcc(read.message.get()) &&
                  internet_address_list_length(g_mime_message_get_bcc(read.message.get())) > 0,
              false);
    EXPECT_EQ(read.parts.size(), 4u);
}

// In every field that people write.
TEST(Message, HostileWordsStayWhatTheyAre) {
    using namespace std::string_literals;
    for (const std::string& hostile :
         {"a\r\nBcc: x@y.jp"s, "a\n\nbody"s, "a\rb"s, "NUL\0inside"s, "\"quoted\", <x@y.jp>"s,
          "=?UTF-8?B?QUJD?="s, ".leading\r\n.\r\n..dots"s, std::string(65536, '<'), std::string(65536, '\r'),
          "\xff\xfe broken \xe5\xb1"s, "\xe2\x80\xae right to left"s}) {
        Message message = sample();
        message.from_name = message.subject = message.text = message.html = hostile;
        const std::vector<std::string> names = {ticket_file_name(hostile), hostile};
        message.attachments = {{names[0], "one", "image/png", "1@example.jp"}, {names[1], "two"}};
        const std::string bytes = compose(message);
        const Read read = read_back(bytes);
        ASSERT_EQ(read.parts.size(), 4u) << hostile.substr(0, 40);
        EXPECT_EQ(read.parts[2].second, "one");
        EXPECT_EQ(read.parts[3].second, "two");
        EXPECT_EQ(internet_address_list_length(g_mime_message_get_from(read.message.get())), 1);
        EXPECT_EQ(internet_address_list_length(g_mime_message_get_to(read.message.get())), 1);
        EXPECT_EQ(internet_address_list_length(g_mime_message_get_bcc(read.message.get())), 0);
        EXPECT_EQ(bytes.find('\0'), std::string::npos);
        std::size_t longest = 0;
        for (std::size_t at = 0, end; at < bytes.size(); at = end + 2) {
            end = bytes.find("\r\n", at);
            ASSERT_NE(end, std::string::npos);
            longest = std::max(longest, end - at);
        }
        EXPECT_LE(longest, 998u);
    }
}

// Carriers once gave out addresses that no grammar allows; they are alive.
TEST(Message, OldAddressesOfCarriersPass) {
    for (const char* address :
         {"a..b@docomo.ne.jp", "a.@docomo.ne.jp", ".a@ezweb.ne.jp", "a..@docomo.ne.jp"}) {
        Message message = sample();
        message.to = address;
        const Read read = read_back(compose(message));
        InternetAddress* to = internet_address_list_get_address(g_mime_message_get_to(read.message.get()), 0);
        std::string quoted(address);
        quoted.insert(quoted.find('@'), "\"").insert(0, "\"");
        EXPECT_EQ(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(to)), quoted);
    }
}

TEST(Message, RefusesAddressesThatCouldEndTheirCommand) {
    for (const char* address :
         {"", "a", "a@b", "a b@c.jp", "a@b.jp\r\nRCPT TO:<x@y.jp>", "<a@b.jp>", "a@b.jp>", "祭@b.jp"}) {
        Message message = sample();
        message.to = address;
        EXPECT_THROW(compose(message), UnsendableMail) << address;
        message = sample();
        message.from = address;
        EXPECT_THROW(compose(message), UnsendableMail) << address;
    }
    Message message = sample();
    message.message_id = "<a\r\nb@c>";
    EXPECT_THROW(compose(message), UnsendableMail);
}

} // namespace
} // namespace mogiri::daemon
