// Tickets of a layout one after another on one thread, ours or by libpng alone; the figures as JSON.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <string>
#include <unistd.h>
#include <vector>

#include <png.h>

#include <render/ticket_printer.hpp>

namespace {

using namespace mogiri::daemon;

constexpr std::string_view surnames[] = {"山田", "髙橋", "佐藤",   "﨑山",  "伊集院",
                                         "林",   "𠮷野", "小鳥遊", "Smith", "五十嵐"};
constexpr std::string_view given_names[] = {"花子",      "太郎", "美咲", "翔", "さくら", "健一郎",
                                            "Alexander", "凛",   "陽菜", "蓮", "結衣"};
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const Texts event_texts{{"event", "音楽祭"},
                        {"event_en", "Music Festival"},
                        {"kind", "招待券"},
                        {"kind_en", "Invitation"},
                        {"days", "2027年6月12日(土)"},
                        {"days_en", "Sat 12 June 2027"},
                        {"contact", "festival@example.jp"}};

struct Ticket {
    std::string code;
    Texts own;
};

// Another code and another name each time, always the same ones in the same order.
Ticket ticket(unsigned number) {
    Ticket ticket;
    std::uint64_t state = number * 0x9E3779B97F4A7C15u + 1;
    const auto letters = [&](int count) {
        std::string text;
        for (int i = 0; i < count; ++i) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            text += alphabet[state >> 59];
        }
        return text;
    };
    ticket.code = letters(34);
    ticket.own = {{"guest", std::string(surnames[number % 10]) + " " + std::string(given_names[number % 11])},
                  {"reference", letters(8)},
                  {"applicant", "S2E12"},
                  {"position", "1"},
                  {"count", "1"}};
    return ticket;
}

std::string encode_by_libpng(const Picture& picture, int level) {
    std::string file;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(
        png, &file,
        [](png_structp png, png_bytep data, std::size_t size) {
            static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<char*>(data), size);
        },
        nullptr);
    png_set_compression_level(png, level);
    png_set_IHDR(png, info, static_cast<png_uint_32>(picture.width()),
                 static_cast<png_uint_32>(picture.height()), 8,
                 picture.indexed() ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    std::vector<png_color> palette;
    for (const Colour colour : picture.palette())
        palette.push_back({colour.red, colour.green, colour.blue});
    if (picture.indexed())
        png_set_PLTE(png, info, palette.data(), static_cast<int>(palette.size()));
    png_write_info(png, info);
    for (int y = 0; y < picture.height(); ++y)
        png_write_row(png, picture.row(y));
    png_write_end(png, nullptr);
    png_destroy_write_struct(&png, &info);
    return file;
}

struct Rate {
    long tickets = 0;
    double cpu = 0, wall = 0;
    std::uint64_t bytes = 0;
};

double processor_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

template <typename Work> Rate repeat(double seconds, Work work) {
    Rate rate;
    const auto begun = std::chrono::steady_clock::now();
    const double spent = processor_seconds();
    do {
        rate.bytes += work(static_cast<unsigned>(rate.tickets++));
        rate.cpu = processor_seconds() - spent;
    } while (rate.cpu < seconds);
    rate.wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    return rate;
}

int usage() {
    std::cerr << "usage: render_rate ours|libpng LAYOUT.TOML SECONDS\n"
                 "       render_rate save LAYOUT.TOML NUMBER FILE.PNG\n";
    return 64;
}

} // namespace

int main(int count, char** words) {
    const std::vector<std::string> arguments(words + 1, words + count);
    if (arguments.size() < 3)
        return usage();
    const auto begun = std::chrono::steady_clock::now();
    const TicketPrinter printer(Layout::load(arguments[1]), event_texts, "ja", ticket(0).code);
    const double prepared = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    if (arguments[0] == "save" && arguments.size() == 4) {
        const Ticket saved = ticket(static_cast<unsigned>(std::atoi(arguments[2].c_str())));
        std::ofstream(arguments[3], std::ios::binary) << printer.print(saved.code, saved.own);
        std::cout << saved.code << '\n';
        return 0;
    }
    const double seconds = std::atof(arguments[2].c_str());
    Rate rate;
    if (arguments[0] == "ours") {
        for (unsigned number = 0; number < 20; ++number)
            printer.print(ticket(number).code, ticket(number).own);
        rate = repeat(seconds, [&](unsigned number) {
            const Ticket one = ticket(number);
            return printer.print(one.code, one.own).size();
        });
    } else if (arguments[0] == "libpng") {
        const std::string file = "/tmp/render_rate." + std::to_string(getpid()) + ".png";
        const Ticket one = ticket(1);
        std::ofstream(file, std::ios::binary) << printer.print(one.code, one.own);
        const Picture picture = Picture::read(file);
        std::remove(file.c_str());
        rate = repeat(seconds, [&](unsigned) { return encode_by_libpng(picture, 6).size(); });
    } else {
        return usage();
    }
    std::printf("{\"per_second\": %.3f, \"per_second_wall\": %.3f, \"bytes\": %.0f, \"tickets\": %ld, "
                "\"prepared_s\": %.3f}\n",
                static_cast<double>(rate.tickets) / rate.cpu, static_cast<double>(rate.tickets) / rate.wall,
                static_cast<double>(rate.bytes) / static_cast<double>(rate.tickets), rate.tickets, prepared);
    return 0;
}
