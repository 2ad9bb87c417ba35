#include "mail_preview.hpp"

#include <charconv>

#include <form_token.hpp>
#include <glib.h>
#include <sealed.hpp>

#include "../owned.hpp"

namespace mogiri::daemon {

namespace {

constexpr std::string_view hidden = "…";

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    if (what.empty())
        return;
    for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

// What makes the link of such a mail work; empty where it has none.
std::string secret_of(const PostOffice& office, const OwedMail& owed) {
    constexpr std::string_view prefix = "link:";
    if (owed.kind == "unconfirmed")
        return confirmation_token(office.keys(), owed.event, owed.application);
    if (!owed.application.starts_with(prefix))
        return {};
    std::int64_t number = 0;
    std::from_chars(owed.application.data() + prefix.size(),
                    owed.application.data() + owed.application.size(), number);
    return link_token(office.keys(), number);
}

std::string data_url(const Attachment& attachment) {
    const Owned<char, g_free> base64(g_base64_encode(
        reinterpret_cast<const guchar*>(attachment.content.data()), attachment.content.size()));
    return "data:" + attachment.type + ";base64," + base64.get();
}

} // namespace

std::optional<PreviewedMail> preview(PostOffice& office, Database& database, const SettingsBook& book,
                                     const OwedMail& owed) {
    auto message = TicketMail(office, database, book).write(owed);
    if (!message)
        return std::nullopt;
    PreviewedMail mail{message->from_name,
                       message->from,
                       message->reply_to,
                       message->subject,
                       message->text,
                       message->html,
                       {}};
    const std::string secret = secret_of(office, owed);
    replace_all(mail.text, secret, hidden);
    replace_all(mail.html, secret, hidden);
    for (const Attachment& attachment : message->attachments) {
        mail.enclosures.push_back({attachment.file_name, attachment.type, attachment.content.size()});
        if (!attachment.content_id.empty())
            replace_all(mail.html, "cid:" + attachment.content_id, data_url(attachment));
    }
    return mail;
}

} // namespace mogiri::daemon
