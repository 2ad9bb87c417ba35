// PNG files of pictures that differ from one another only in some bands of rows.
//
// The rows that never change are compressed once, with zlib's best, into finished IDAT chunks; a file is
// these and the freshly compressed bands between them. Each piece ends on a byte (Z_FULL_FLUSH) and looks
// back on no other piece, so together they are one zlib stream; its checksum is combined from those of the
// pieces.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "picture.hpp"

namespace mogiri::daemon {

// Rows from `top`, before `bottom`.
struct RowRange {
    int top = 0, bottom = 0;
    int count() const { return bottom - top; }
};

// Immutable once made; any number of threads may write with one.
class BandedPng {
  public:
    // `bands`: the rows that change, from the top, apart from one another, inside the picture.
    BandedPng(const Picture& background, std::vector<RowRange> bands);

    const std::vector<RowRange>& bands() const { return bands_; }

    // `changed`: for each band its rows, in the palette of the background.
    std::string write(const std::vector<Picture>& changed) const;

  private:
    struct Piece {
        std::string chunk;
        unsigned long adler = 1; // of its rows with their filter bytes
        long length = 0;         // of the same
    };

    std::vector<RowRange> bands_;
    std::size_t row_bytes_;
    int pixel_bytes_;
    std::string head_;        // signature, IHDR, PLTE
    std::vector<Piece> kept_; // one before each band
    Piece last_;              // after the last band: data only, as the checksum follows it
    std::vector<std::vector<std::uint8_t>> above_; // the row above each band, empty at the picture's top
};

} // namespace mogiri::daemon
