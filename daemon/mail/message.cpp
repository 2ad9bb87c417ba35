#include "message.hpp"

#include <algorithm>
#include <mutex>

#include <gmime/gmime.h>

#include <form.hpp>

#include "../owned.hpp"
#include "header_text.hpp"

namespace mogiri::daemon {

namespace {

template <typename Object> using Reference = Owned<Object, g_object_unref>;

void start_gmime() {
    static std::once_flag once;
    std::call_once(once, g_mime_init);
}

void check_address(const std::string& address, const char* whose) {
    if (!address_is_acceptable(address))
        throw UnsendableMail(std::string("the address of the ") + whose + " is not acceptable");
}

// As it stands: GMime folds encoded words only at 78 characters, and quotes no local part.
void add_header(GMimeObject* object, const char* name, const std::string& value) {
    GMimeHeaderList* headers = g_mime_object_get_header_list(object);
    g_mime_header_list_append(headers, name, "", nullptr);
    g_mime_header_set_raw_value(
        g_mime_header_list_get_header_at(headers, g_mime_header_list_get_count(headers) - 1),
        (" " + value + "\n").c_str());
}

std::string with_crlf(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '\r')
            continue;
        if (c == '\n')
            result += '\r';
        result += c;
    }
    return result;
}

Reference<GMimePart> make_part(const char* type, const char* subtype, std::string_view content) {
    Reference<GMimePart> part(g_mime_part_new_with_type(type, subtype));
    const Reference<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(content.data(), content.size()));
    const Reference<GMimeDataWrapper> data(
        g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
    g_mime_part_set_content(part.get(), data.get());
    g_mime_part_set_content_encoding(part.get(), GMIME_CONTENT_ENCODING_BASE64);
    return part;
}

Reference<GMimePart> make_text(const char* subtype, std::string_view text) {
    Reference<GMimePart> part = make_part("text", subtype, with_crlf(text));
    g_mime_object_set_content_type_parameter(GMIME_OBJECT(part.get()), "charset", "utf-8");
    return part;
}

Reference<GMimePart> make_attachment(const Attachment& attachment) {
    const std::size_t slash = attachment.type.find('/');
    Reference<GMimePart> part = make_part(attachment.type.substr(0, slash).c_str(),
                                          attachment.type.substr(slash + 1).c_str(), attachment.content);
    if (attachment.type.starts_with("text/"))
        g_mime_object_set_content_type_parameter(GMIME_OBJECT(part.get()), "charset", "utf-8");
    const Reference<GMimeContentDisposition> disposition(g_mime_content_disposition_new());
    g_mime_content_disposition_set_disposition(disposition.get(), attachment.content_id.empty()
                                                                      ? GMIME_DISPOSITION_ATTACHMENT
                                                                      : GMIME_DISPOSITION_INLINE);
    g_mime_object_set_content_disposition(GMIME_OBJECT(part.get()), disposition.get());
    // GMime folds a name, and lets the line ends in it stand.
    std::string name = attachment.file_name;
    std::ranges::replace_if(
        name, [](unsigned char c) { return c < ' ' || c == 0x7f; }, '_');
    g_mime_part_set_filename(part.get(), name.c_str());
    if (!attachment.content_id.empty())
        add_header(GMIME_OBJECT(part.get()), "Content-ID", "<" + attachment.content_id + ">");
    return part;
}

// `first` and the attachments that are shown in it, or those that are not; `first` alone where there are
// none.
Reference<GMimeMultipart> with_attachments(const char* subtype, Reference<GMimeMultipart> first,
                                           const Message& message, bool shown) {
    Reference<GMimeMultipart> whole;
    for (const Attachment& attachment : message.attachments) {
        if (attachment.content_id.empty() == shown)
            continue;
        if (!whole) {
            whole.reset(g_mime_multipart_new_with_subtype(subtype));
            g_mime_multipart_add(whole.get(), GMIME_OBJECT(first.get()));
        }
        g_mime_multipart_add(whole.get(), GMIME_OBJECT(make_attachment(attachment).get()));
    }
    if (whole && shown) // RFC 2387, 3.1
        g_mime_object_set_content_type_parameter(GMIME_OBJECT(whole.get()), "type", "multipart/alternative");
    return whole ? std::move(whole) : std::move(first);
}

// mixed { related { alternative { text, HTML }, pictures in it }, other attachments }
Reference<GMimeMultipart> make_body(const Message& message) {
    Reference<GMimeMultipart> alternative(g_mime_multipart_new_with_subtype("alternative"));
    g_mime_multipart_add(alternative.get(), GMIME_OBJECT(make_text("plain", message.text).get()));
    g_mime_multipart_add(alternative.get(), GMIME_OBJECT(make_text("html", message.html).get()));
    return with_attachments("mixed", with_attachments("related", std::move(alternative), message, true),
                            message, false);
}

std::string written(GMimeMessage* message) {
    const Owned<GMimeFormatOptions, g_mime_format_options_free> options(g_mime_format_options_new());
    g_mime_format_options_set_newline_format(options.get(), GMIME_NEWLINE_FORMAT_DOS);
    g_mime_format_options_set_param_encoding_method(options.get(), GMIME_PARAM_ENCODING_METHOD_RFC2231);
    GByteArray* bytes = g_byte_array_new();
    const Reference<GMimeStream> stream(g_mime_stream_mem_new_with_byte_array(bytes)); // takes the bytes
    g_mime_object_write_to_stream(GMIME_OBJECT(message), options.get(), stream.get());
    return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

} // namespace

std::string compose(const Message& message) {
    start_gmime();
    check_address(message.from, "sender");
    check_address(message.to, "recipient");
    if (!message.reply_to.empty())
        check_address(message.reply_to, "contact");
    const std::string& id = message.message_id;
    if (id.size() < 5 || id.size() > 250 || id.front() != '<' || id.back() != '>' ||
        std::ranges::any_of(id, [](unsigned char c) { return c <= ' ' || c >= 0x7f; }))
        throw UnsendableMail("the Message-ID is malformed");

    const Reference<GMimeMessage> mail(g_mime_message_new(FALSE));
    GMimeObject* headers = GMIME_OBJECT(mail.get());
    add_header(headers, "From", header_mailbox(message.from_name, message.from));
    add_header(headers, "To", header_mailbox("", message.to));
    if (!message.reply_to.empty())
        add_header(headers, "Reply-To", header_mailbox("", message.reply_to));
    add_header(headers, "Subject", header_text(message.subject));
    add_header(headers, "Message-ID", id);
    const Owned<GDateTime, g_date_time_unref> now(g_date_time_new_now_utc());
    g_mime_message_set_date(mail.get(), now.get());
    // No machine shall answer (RFC 3834).
    add_header(headers, "Auto-Submitted", "auto-generated");
    add_header(headers, "Content-Language", message.language);
    g_mime_message_set_mime_part(mail.get(), GMIME_OBJECT(make_body(message).get()));
    return written(mail.get());
}

} // namespace mogiri::daemon
