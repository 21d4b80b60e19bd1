#include "memory/image_bytes.hpp"

#include <cstring>

#include "memory/ram.hpp"

namespace hartlab {

namespace {

enum class Kind : std::uint8_t { zero, filled, other };
constexpr std::size_t WORD = sizeof(std::uint64_t);

/// Pages in a row that are described together.
struct Run {
    Kind kind = Kind::zero;
    std::uint8_t byte = 0;     // of a filled page, behind its first word, which is
    std::uint64_t offset = 0;  // this and the page's own offset: so the pages of a free list in order are one run
    friend bool operator==(const Run&, const Run&) = default;
};

std::uint64_t first_word(const std::uint8_t* page) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < WORD; ++i) word |= std::uint64_t{page[i]} << (8 * i);
    return word;
}

Run describe(const std::uint8_t* page, std::uint64_t index) {
    if (std::memcmp(page + WORD, page + WORD + 1, PGSIZE - WORD - 1) != 0) return {Kind::other};
    const std::uint64_t word = first_word(page);
    if (word == 0 && page[WORD] == 0) return {};
    return {Kind::filled, page[WORD], word - (index << PGSHIFT)};
}

}  // namespace

void write_image(ByteWriter& bytes, const RamImage& image) {
    const std::uint64_t count = image.page_count();
    const auto run_at = [&](std::uint64_t i) { return image.page_is_zero(i) ? Run{} : describe(image.page(i), i); };
    for (std::uint64_t first = 0; first < count;) {
        Run run = run_at(first);
        std::uint64_t stop = first + 1;
        while (stop < count && run_at(stop) == run) ++stop;
        std::uint64_t length = stop - first;
        bytes(length, run.kind);
        if (run.kind == Kind::filled) bytes(run.byte, run.offset);
        for (; first < stop; ++first) {
            if (run.kind == Kind::other) bytes.raw(image.page(first), PGSIZE);
        }
    }
}

RamImage read_image(ByteReader& bytes, std::uint64_t page_count) {
    Ram ram(page_count << PGSHIFT, PhysAddr(0));
    for (std::uint64_t first = 0; first < page_count;) {
        Run run;
        std::uint64_t length = 0;
        bytes(length, run.kind);
        require(length > 0 && length <= page_count - first, "a run of pages does not fit into memory");
        require(run.kind <= Kind::other, "a run of pages is of no kind that there is");
        if (run.kind == Kind::filled) bytes(run.byte, run.offset);
        for (const std::uint64_t stop = first + length; first < stop; ++first) {
            const PhysAddr pa(first << PGSHIFT);
            if (run.kind == Kind::other) ram.write(pa, bytes.raw(PGSIZE), PGSIZE);
            if (run.kind != Kind::filled) continue;
            ram.fill(pa, run.byte, PGSIZE);
            std::uint8_t word[WORD];
            for (std::size_t i = 0; i < WORD; ++i)
                word[i] = static_cast<std::uint8_t>((run.offset + pa.value) >> (8 * i));
            ram.write(pa, word, WORD);
        }
    }
    return ram.capture();
}

}  // namespace hartlab
