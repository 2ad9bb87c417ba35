// Reads bounces that come as mails: reports of RFC 3464, and texts of programs that know no reports.
#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "bounce.hpp"

namespace mogiri::daemon {

namespace {

struct Unref {
    void operator()(void* object) const { g_object_unref(object); }
};
template <typename T> using Held = std::unique_ptr<T, Unref>;

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return result;
}

// The value of a field in lines like a header's, with what is folded under it; empty: not there.
std::string field(std::string_view lines, std::string_view name) {
    for (std::size_t at = 0; at < lines.size();) {
        std::size_t end = std::min(lines.find('\n', at), lines.size());
        const std::string_view line = lines.substr(at, end - at);
        if (line.size() > name.size() && line[name.size()] == ':' &&
            lower(line.substr(0, name.size())) == name) {
            while (end + 1 < lines.size() && (lines[end + 1] == ' ' || lines[end + 1] == '\t'))
                end = std::min(lines.find('\n', end + 1), lines.size());
            std::string value(lines.substr(at + name.size() + 1, end - at - name.size() - 1));
            std::replace(value.begin(), value.end(), '\r', ' ');
            std::replace(value.begin(), value.end(), '\n', ' ');
            value.erase(0, std::min(value.find_first_not_of(" \t"), value.size()));
            value.erase(value.find_last_not_of(" \t") + 1);
            return value;
        }
        at = end + 1;
    }
    return {};
}

// "<a@b>" of what stands after "Message-ID:".
void take_id(std::vector<std::string>& ids, std::string_view value) {
    const std::size_t begin = value.find('<'), end = value.find('>', std::min(begin, value.size()));
    if (begin != value.npos && end != value.npos && end - begin < 300)
        ids.emplace_back(value.substr(begin, end - begin + 1));
}

// What a mail's parts say, as far as bounces are concerned.
struct Parts {
    std::string report, text;     // message/delivery-status; the first text
    std::vector<std::string> ids; // of the mail that came back
    bool begins_a_report = false; // multipart/report
};

std::string content_of(GMimePart* part) {
    GMimeDataWrapper* content = g_mime_part_get_content(part);
    if (!content)
        return {};
    const Held<GMimeStream> stream(g_mime_stream_mem_new());
    g_mime_data_wrapper_write_to_stream(content, stream.get());
    const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
    return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

void take_part(GMimeObject* part, Parts& parts, int depth);

void take_returned(GMimeMessage* returned, Parts& parts) {
    if (const char* id = returned ? g_mime_message_get_message_id(returned) : nullptr)
        parts.ids.push_back("<" + std::string(id) + ">");
}

void take_leaf(GMimePart* part, GMimeContentType* type, Parts& parts) {
    const bool report = g_mime_content_type_is_type(type, "message", "delivery-status") ||
                        g_mime_content_type_is_type(type, "message", "global-delivery-status");
    const bool headers = g_mime_content_type_is_type(type, "text", "rfc822-headers") ||
                         g_mime_content_type_is_type(type, "message", "global-headers");
    if (!report && !headers && (!g_mime_content_type_is_type(type, "text", "plain") || !parts.text.empty()))
        return;
    std::string content = content_of(part);
    if (headers)
        take_id(parts.ids, field(content, "message-id"));
    else if (report && parts.report.empty())
        parts.report = std::move(content);
    else if (!report)
        parts.text = std::move(content);
}

void take_part(GMimeObject* part, Parts& parts, int depth) {
    if (!part || depth > 5)
        return;
    GMimeContentType* type = g_mime_object_get_content_type(part);
    if (GMIME_IS_MULTIPART(part)) {
        parts.begins_a_report =
            parts.begins_a_report || g_mime_content_type_is_type(type, "multipart", "report");
        GMimeMultipart* several = GMIME_MULTIPART(part);
        for (int i = 0; i < std::min(g_mime_multipart_get_count(several), 20); ++i)
            take_part(g_mime_multipart_get_part(several, i), parts, depth + 1);
    } else if (GMIME_IS_MESSAGE_PART(part)) {
        take_returned(g_mime_message_part_get_message(GMIME_MESSAGE_PART(part)), parts);
    } else if (GMIME_IS_PART(part)) {
        take_leaf(GMIME_PART(part), type, parts);
    }
}

// The paragraphs of a report: the first is the server's, each other one a recipient's. Of one that failed,
// before one that did not.
Bounce read_report(const std::string& report) {
    std::string lines = report;
    lines.erase(std::remove(lines.begin(), lines.end(), '\r'), lines.end());
    std::string found, action;
    for (std::size_t at = 0; at < lines.size();) {
        const std::size_t end = std::min(lines.find("\n\n", at), lines.size());
        const std::string paragraph = lines.substr(at, end - at);
        if (const std::string here = lower(field(paragraph, "action")); !here.empty() && action != "failed") {
            action = here;
            found = paragraph;
        }
        at = end + 2;
    }
    if (action.empty())
        throw NotABounce("its report names no recipient (no \"Action\" in message/delivery-status)");
    Bounce bounce;
    bounce.status = one_line(field(found, "status").substr(0, 12));
    bounce.status.erase(std::min(bounce.status.find_first_not_of("0123456789."), bounce.status.size()));
    bounce.said = one_line(field(found, "diagnostic-code"));
    bounce.kind = action == "failed" ? judge_bounce(bounce.status, bounce.said) : BounceKind::news;
    return bounce;
}

bool comes_from_a_server(GMimeMessage* message) {
    const char* path = g_mime_object_get_header(GMIME_OBJECT(message), "Return-Path");
    const char* from = g_mime_object_get_header(GMIME_OBJECT(message), "From");
    const std::string sender = lower(from ? from : "");
    return (path && std::string_view(path).find("<>") != std::string_view::npos) ||
           sender.find("mailer-daemon") != sender.npos || sender.find("postmaster") != sender.npos;
}

// qmail's "<address>:" and what follows it; of others all that stands before the mail that came back.
Bounce read_text(GMimeMessage* message, const Parts& parts) {
    if (!comes_from_a_server(message))
        throw NotABounce(
            "it is no delivery status notification, and no mail server sent it (MAILER-DAEMON, or <>)");
    const std::string& text = parts.text;
    const std::size_t returned = lower(text).find("message-id:");
    Bounce bounce;
    bounce.source = "text";
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = std::string_view(text).substr(at, end - at);
        if (lower(line.substr(0, 11)) == "message-id:")
            take_id(bounce.message_ids, line);
        at = end + 1;
    }
    if (bounce.message_ids.empty() && parts.ids.empty())
        throw NotABounce("it does not have the head of the mail that came back: no Message-ID in it");
    const std::size_t copy = std::min(text.find("\n--- "), returned);
    std::string before = text.substr(0, std::min(copy, text.size()));
    if (const std::size_t address = before.find("\n<"); address != before.npos)
        before.erase(0, address + 1);
    bounce.kind = judge_bounce("", before);
    bounce.said = one_line(before);
    return bounce;
}

} // namespace

Bounce read_bounce_mail(std::string_view mail) {
    static std::once_flag once;
    std::call_once(once, [] { g_mime_init(); });
    const Held<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(mail.data(), mail.size()));
    const Held<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
    const Held<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), nullptr));
    if (!message)
        throw NotABounce("it is no mail");
    Parts parts;
    take_part(g_mime_message_get_mime_part(message.get()), parts, 0);
    if (parts.report.empty()) {
        if (parts.begins_a_report)
            throw NotABounce("it begins a report and has none: it is cut off");
        Bounce bounce = read_text(message.get(), parts);
        bounce.message_ids.insert(bounce.message_ids.end(), parts.ids.begin(), parts.ids.end());
        return bounce;
    }
    Bounce bounce = read_report(parts.report);
    bounce.message_ids = std::move(parts.ids);
    if (bounce.message_ids.empty())
        throw NotABounce("its report does not have the mail that came back: no Message-ID in it");
    // SES gives each mail a Message-ID of its own: its id at amazonses.com.
    for (const std::string& id : bounce.message_ids)
        if (id.ends_with(".amazonses.com>"))
            bounce.provider_id = id.substr(1, id.find('@') - 1);
    return bounce;
}

} // namespace mogiri::daemon
