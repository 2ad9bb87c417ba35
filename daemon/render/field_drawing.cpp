#include "field_drawing.hpp"

#include <algorithm>

namespace mogiri::daemon {

std::vector<int> QrGrid::rows() const {
    std::vector<int> result;
    for (int row = 0; row <= modules; ++row)
        result.push_back(box.y + row * module);
    return result;
}

void QrDrawing::differences(int y, Columns columns, std::uint8_t* out) {
    const std::size_t bytes = grid_.pixel_bytes;
    std::fill_n(out, static_cast<std::size_t>(columns.right - columns.left) * bytes, std::uint8_t{0});
    const int row = (y - grid_.box.y) / grid_.module;
    std::uint8_t* at = out + static_cast<std::size_t>(grid_.box.x - columns.left) * bytes;
    for (int column = 0; column < grid_.modules; ++column) {
        const bool now = dark(column, row), before = dark(column, row - 1);
        for (int pixel = 0; pixel < grid_.module; ++pixel)
            for (std::size_t part = 0; part < bytes; ++part, ++at)
                if (now != before)
                    *at = static_cast<std::uint8_t>(now ? grid_.dark[part] - grid_.light[part]
                                                        : grid_.light[part] - grid_.dark[part]);
    }
}

TextGround::TextGround(const Picture& background, const Rectangle& box)
    : box_(box), pixel_bytes_(static_cast<std::size_t>(background.pixel_bytes())) {
    const std::size_t row_bytes = static_cast<std::size_t>(box.width) * pixel_bytes_;
    for (int y = box.y - 1; y < box.bottom(); ++y) {
        if (y < 0) {
            pixels_.resize(row_bytes); // PNG's row above the first
            continue;
        }
        const std::uint8_t* row = background.row(y) + static_cast<std::size_t>(box.x) * pixel_bytes_;
        pixels_.insert(pixels_.end(), row, row + row_bytes);
    }
}

std::span<const std::uint8_t> TextGround::pixels(int y, Columns columns) const {
    const auto width = static_cast<std::size_t>(box_.width);
    const std::size_t first =
        static_cast<std::size_t>(y - box_.y + 1) * width + static_cast<std::size_t>(columns.left - box_.x);
    return std::span(pixels_).subspan(first * pixel_bytes_,
                                      static_cast<std::size_t>(columns.right - columns.left) * pixel_bytes_);
}

Columns TextDrawing::changed(int y) const {
    Columns columns;
    for (const InkedText& text : texts_) {
        const Rectangle& box = text.mask.box;
        if (box.width == 0 || y < box.y || y > box.bottom())
            continue;
        columns.left = columns.empty() ? box.x : std::min(columns.left, box.x);
        columns.right = std::max(columns.right, box.right());
    }
    return columns;
}

void TextDrawing::draw_row(int y, Columns columns, std::vector<std::uint8_t>& row) const {
    const auto ground = ground_.pixels(y, columns);
    row.assign(ground.begin(), ground.end());
    for (const InkedText& text : texts_) {
        const Rectangle& box = text.mask.box;
        if (y < box.y || y >= box.bottom())
            continue;
        const auto width = static_cast<std::size_t>(box.width);
        text.ink->lay(
            row.data() + static_cast<std::size_t>(box.x - columns.left) * ground_.pixel_bytes(),
            std::span(text.mask.coverage).subspan(static_cast<std::size_t>(y - box.y) * width, width));
    }
}

void TextDrawing::differences(int y, Columns columns, std::uint8_t* out) {
    const bool follows = current_y_ == y - 1 && current_columns_.left == columns.left &&
                         current_columns_.right == columns.right;
    current_.swap(above_);
    if (!follows)
        draw_row(y - 1, columns, above_);
    draw_row(y, columns, current_);
    current_y_ = y, current_columns_ = columns;
    const std::uint8_t *now = current_.data(), *before = above_.data();
    for (std::size_t at = 0, end = current_.size(); at < end; ++at)
        out[at] = static_cast<std::uint8_t>(now[at] - before[at]);
}

} // namespace mogiri::daemon
