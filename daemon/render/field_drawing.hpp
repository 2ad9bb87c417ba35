// What one ticket has in its fields: the code's modules, and the lines of text.
#pragma once

#include <span>
#include <vector>

#include "banded_png.hpp"
#include "ink.hpp"
#include "qr_symbol.hpp"

namespace mogiri::daemon {

// Where the modules of a layout's codes stand, all of them of the same version.
struct QrGrid {
    Rectangle box;   // of the modules, without the quiet zone, of which there is a row below it at least
    int modules = 0; // a side
    int module = 0;  // pixels a side
    Pixel dark{}, light{};
    std::size_t pixel_bytes = 1;

    // Where a row of modules begins, and where the last one ends.
    std::vector<int> rows() const;
};

class QrDrawing : public Drawing {
  public:
    // `grid` outlives this object.
    QrDrawing(const QrGrid& grid, QrSymbol symbol) : grid_(grid), symbol_(std::move(symbol)) {}

    Columns changed(int) const override { return {grid_.box.x, grid_.box.right()}; }
    void differences(int y, Columns columns, std::uint8_t* out) override;

  private:
    bool dark(int column, int row) const {
        return row >= 0 && row < grid_.modules && symbol_.dark(column, row);
    }

    const QrGrid& grid_;
    QrSymbol symbol_;
};

// The background of a text's field, with the row above it.
class TextGround {
  public:
    TextGround(const Picture& background, const Rectangle& box);

    const Rectangle& box() const { return box_; }
    std::size_t pixel_bytes() const { return pixel_bytes_; }
    // `y`: of the picture, from the row above the box on.
    std::span<const std::uint8_t> pixels(int y, Columns columns) const;

  private:
    Rectangle box_;
    std::size_t pixel_bytes_;
    std::vector<std::uint8_t> pixels_;
};

struct InkedText {
    const Ink* ink;
    TextMask mask;
};

class TextDrawing : public Drawing {
  public:
    // `ground` and the inks outlive this object.
    TextDrawing(const TextGround& ground, std::vector<InkedText> texts)
        : ground_(ground), texts_(std::move(texts)) {}

    Columns changed(int y) const override;
    void differences(int y, Columns columns, std::uint8_t* out) override;

  private:
    void draw_row(int y, Columns columns, std::vector<std::uint8_t>& row) const;

    const TextGround& ground_;
    std::vector<InkedText> texts_;
    // The row that was asked for last, of these columns.
    std::vector<std::uint8_t> current_, above_;
    int current_y_ = -2;
    Columns current_columns_;
};

} // namespace mogiri::daemon
