// Two passes: the first finds the size of every statement, and with it the address of every label; the second
// encodes. Sizes never depend on where a label turns out to be, so two are enough.
#include "hart/isa/assembler.hpp"

#include <algorithm>
#include <utility>

#include "hart/isa/text/directives.hpp"
#include "hart/isa/text/mnemonics.hpp"
#include "hart/isa/text/operand_parser.hpp"
#include "hart/isa/text/pseudo.hpp"
#include "hart/isa/text/source.hpp"

namespace hartlab {
namespace {

// A statement after the first pass: a directive, or one real instruction.
struct Piece {
    Statement statement;
    Mnemonic mnemonic;
    std::size_t position;  // of the source statement that it is of, which numeric labels count from
    std::uint64_t address;
};

class Assembler {
public:
    explicit Assembler(std::uint64_t origin) : origin_(origin), address_(origin) {}

    Assembled run(std::string_view source) {
        const std::vector<Statement> statements = split_source(source);
        for (std::size_t i = 0; i < statements.size() && error_.empty(); ++i) place(statements[i], i);
        for (const Piece& piece : pieces_) {
            if (!error_.empty()) break;
            emit(piece);
        }
        if (!error_.empty()) bytes_.clear();
        return {std::move(bytes_), std::move(error_)};
    }

private:
    // First pass: labels, pseudo-instructions, sizes.
    void place(const Statement& statement, std::size_t position) {
        for (const std::string& label : statement.labels) define(label, statement, position);
        if (statement.text.empty() || !error_.empty()) return;
        const auto expansion = expand_pseudo(statement, Place{nullptr, position, address_});
        if (!expansion) return place_real(statement, position);
        if (!expansion->error.empty()) return fail(statement, expansion->error);
        for (const Statement& real : expansion->statements) place_real(real, position);
    }

    void place_real(const Statement& statement, std::size_t position) {
        Piece piece{statement, {}, position, address_};
        std::uint64_t size = 0;
        if (is_directive(statement.mnemonic)) {
            std::string error = measure_directive(statement, Place{nullptr, position, address_}, size);
            if (!error.empty()) return fail(statement, error);
        } else {
            piece.mnemonic = find_mnemonic(statement.mnemonic);
            if (piece.mnemonic.op == Op::illegal && piece.mnemonic.compressed == nullptr)
                return fail(statement, unknown(statement));
            size = piece.mnemonic.compressed != nullptr ? 2 : 4;
        }
        if (address_ - origin_ + size > ASSEMBLY_LIMIT) return fail(statement, "the program is larger than 16 MiB");
        address_ += size;
        pieces_.push_back(std::move(piece));
    }

    void define(const std::string& label, const Statement& statement, std::size_t position) {
        if (is_label_start(label[0])) {
            if (label == ".") return fail(statement, "\".\" is the current address and cannot be a label");
            if (!labels_.named.emplace(label, address_).second)
                fail(statement, "label " + quote(label) + " is defined twice");
        } else if (std::all_of(label.begin(), label.end(), [](char c) { return c >= '0' && c <= '9'; })) {
            labels_.numeric[label].push_back({position, address_});
        } else {
            fail(statement, quote(label) + " is not a label: one that starts with a digit has digits only");
        }
    }

    // Second pass.
    void emit(const Piece& piece) {
        const Place place{&labels_, piece.position, piece.address};
        std::string error;
        if (is_directive(piece.statement.mnemonic)) {
            error = emit_directive(piece.statement, place, bytes_);
        } else if (piece.mnemonic.compressed != nullptr) {
            std::uint16_t half = 0;
            error = encode_statement(*piece.mnemonic.compressed, piece.statement, place, half);
            append(half, 2);
        } else {
            std::uint32_t bits = 0;
            error = encode_statement(piece.mnemonic.op, piece.mnemonic.ordering, piece.statement, place, bits);
            append(bits, 4);
        }
        if (!error.empty()) fail(piece.statement, error);
    }

    void append(std::uint32_t bits, int size) {
        for (int i = 0; i < size; ++i) bytes_.push_back(static_cast<std::uint8_t>(bits >> (8 * i)));
    }

    static std::string unknown(const Statement& statement) {
        const auto pseudo = pseudo_instructions();
        const auto counts_differ = std::find_if(pseudo.begin(), pseudo.end(), [&statement](const Pseudo& row) {
            return row.mnemonic == statement.mnemonic;
        });
        if (counts_differ != pseudo.end())
            return quote(statement.mnemonic) + " takes " + std::to_string(counts_differ->operands) +
                   (counts_differ->operands == 1 ? " operand; " : " operands; ") +
                   std::to_string(statement.operands.size()) + (statement.operands.size() == 1 ? " was" : " were") +
                   " given";
        const bool directive = statement.mnemonic[0] == '.';
        std::string error =
            "there is no " + std::string(directive ? "directive " : "instruction ") + quote(statement.mnemonic);
        if (directive)
            return error + "; there are .byte, .half, .word, .dword, .ascii, .asciz, .zero, .align and .balign";
        const std::string near = near_mnemonics(statement.mnemonic);
        return near.empty() ? error : error + "; near it: " + near;
    }

    // Keeps the first error.
    void fail(const Statement& statement, const std::string& what) {
        if (!error_.empty()) return;
        error_ = "line " + std::to_string(statement.line) + ": ";
        if (!statement.text.empty()) error_ += quote(statement.text) + ": ";  // else the labels stand alone
        error_ += what;
    }

    std::uint64_t origin_;
    std::uint64_t address_;  // where the next statement will lie
    Labels labels_;
    std::vector<Piece> pieces_;
    std::vector<std::uint8_t> bytes_;
    std::string error_;
};

}  // namespace

Assembled assemble(std::string_view source, std::uint64_t origin) { return Assembler(origin).run(source); }

}  // namespace hartlab
