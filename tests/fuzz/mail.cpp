// What is written into a mail, one field a line: whatever stands in them, the mail keeps its form, or is
// refused.
#include <cstdint>
#include <cstdlib>
#include <set>

#include <mail/file_name.hpp>
#include <mail/message.hpp>

namespace {

using mogiri::daemon::Message;

// Names of all headers before the first empty line.
std::multiset<std::string> header_names(const std::string& mail) {
    std::multiset<std::string> names;
    for (std::size_t at = 0; at < mail.size() && mail[at] != '\r'; at = mail.find("\r\n", at) + 2)
        if (mail[at] != ' ' && mail[at] != '\t')
            names.insert(mail.substr(at, mail.find(':', at) - at));
    return names;
}

void check(bool holds) {
    if (!holds)
        std::abort();
}

void check_lines(const std::string& mail) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < mail.size(); ++i, ++length) {
        check(static_cast<unsigned char>(mail[i]) < 0x80 && mail[i] != '\0');
        check((mail[i] == '\n') == (i > 0 && mail[i - 1] == '\r'));
        if (mail[i] == '\n')
            length = 0;
        check(length <= 998);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<std::string> fields;
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    while (fields.size() < 8) {
        // A backslash before it makes a line's end part of the field.
        std::string field;
        while (!rest.empty()) {
            const char c = rest.front();
            rest.remove_prefix(1);
            if (c == '\n')
                break;
            if (c == '\\' && !rest.empty()) {
                field += rest.front();
                rest.remove_prefix(1);
            } else {
                field += c;
            }
        }
        fields.push_back(field);
    }
    Message message{fields[0], fields[1], fields[2], fields[3], "<" + fields[4] + "@example.jp>",
                    "ja",      fields[5], fields[6], fields[6], {}};
    for (const std::string& name : mogiri::daemon::ticket_file_names({fields[7], fields[5]}))
        message.attachments.push_back({name, fields[6], "image/png", "1@example.jp"});
    try {
        const std::string mail = compose(message);
        check_lines(mail);
        std::multiset<std::string> expected{"From",
                                            "To",
                                            "Subject",
                                            "Message-ID",
                                            "Date",
                                            "Auto-Submitted",
                                            "Content-Language",
                                            "MIME-Version",
                                            "Content-Type"};
        if (!message.reply_to.empty())
            expected.insert("Reply-To");
        check(header_names(mail) == expected);
    } catch (const mogiri::daemon::UnsendableMail&) {
    }
    return 0;
}
