// The options of `mogirictl layout …`.
#include <memory>

#include "ctl/event/describe_layouts.hpp"

#include "ctl/command_line.hpp"
#include "ctl/event/layout_command.hpp"

namespace mogiri::daemon {

void describe_layouts(CommandLine& line) {
    CLI::App* layout = line.app.add_subcommand("layout", "what tickets look like");
    layout->require_subcommand(1);
    CLI::App* check = layout->add_subcommand(
        "check",
        "draw tickets with the longest, shortest and strangest names, and warn of what cannot be read");
    const auto wish = std::make_shared<LayoutCheck>();
    check->add_option("FILE", wish->file, "layout.toml, its background beside it")->required();
    check->add_option("--output", wish->output, "folder for the previews")->capture_default_str();
    check->add_option("--language", wish->language, "of the texts")
        ->check(CLI::IsMember({"ja", "en"}))
        ->capture_default_str();
    check->add_flag("--pdf", wish->pdf, "previews also as PDF: on A4, and as large as the layout");
    check->add_flag("--json", wish->json, "print JSON");
    line.when(check, [wish] { return check_layout(*wish); });
}

} // namespace mogiri::daemon
