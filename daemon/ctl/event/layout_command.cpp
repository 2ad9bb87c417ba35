#include "ctl/event/layout_command.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

#include <ticket_code.hpp>

#include "ctl/print_json.hpp"
#include "render/layout_check.hpp"
#include "render/ticket_pdf.hpp"
#include "render/ticket_printer.hpp"

namespace mogiri::daemon {

namespace {

// A code that opens no door: no key signed it.
const std::string no_code(ticket_code_length, 'A');

std::string write_preview(const LayoutCheck& wish, const std::string& name, const std::string& content) {
    const std::filesystem::path file = std::filesystem::path(wish.output) / ("preview-" + name);
    std::ofstream out(file, std::ios::binary);
    out << content;
    if (!out.flush())
        throw CommandFailure(ExitStatus::wrong,
                             file.string() + " cannot be written: name a folder with --output");
    return file.string();
}

std::vector<std::string> draw_previews(const Layout& layout, const LayoutCheck& wish) {
    const TicketPrinter printer(layout, sample_event(), wish.language, no_code);
    std::error_code made_already;
    std::filesystem::create_directories(wish.output, made_already);
    std::vector<std::string> files;
    for (const SampleTicket& sample : sample_tickets()) {
        const std::string name = sample.name;
        files.push_back(write_preview(wish, name + ".png", printer.print(no_code, sample.own)));
        if (!wish.pdf)
            continue;
        const auto pdf = [&](Paper paper) {
            return ticket_pdf(layout, paper, no_code, sample.own, sample_event(), wish.language);
        };
        files.push_back(write_preview(wish, name + ".pdf", pdf(Paper::own)));
        files.push_back(write_preview(wish, name + "-a4.pdf", pdf(Paper::a4)));
    }
    return files;
}

void print_json(const std::vector<std::string>& previews, const std::vector<LayoutWarning>& warnings) {
    Json files(json_array()), found(json_array());
    for (const std::string& file : previews)
        json_array_append_new(files.get(), json_string(file.c_str()));
    for (const LayoutWarning& warning : warnings)
        json_array_append_new(found.get(), json_pack("{s:s, s:s}", "key", warning.key.c_str(), "warning",
                                                     warning.text.c_str()));
    print(Json(json_pack("{s:O, s:O}", "previews", files.get(), "warnings", found.get())));
}

} // namespace

ExitStatus check_layout(const LayoutCheck& wish) {
    std::vector<std::string> previews;
    std::vector<LayoutWarning> warnings;
    try {
        const Layout layout = Layout::load(wish.file);
        previews = draw_previews(layout, wish);
        warnings = examine_layout(layout, wish.language, no_code);
    } catch (const LayoutError& error) {
        throw CommandFailure(ExitStatus::input, error.what());
    }
    if (wish.json) {
        print_json(previews, warnings);
    } else {
        for (const std::string& file : previews)
            std::cout << file << '\n';
        for (const LayoutWarning& warning : warnings)
            std::cout << wish.file << ": " << warning.key << ": " << warning.text << '\n';
    }
    return warnings.empty() ? ExitStatus::done : ExitStatus::wrong;
}

} // namespace mogiri::daemon
