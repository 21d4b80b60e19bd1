// RV64I but for loads and stores [unpriv 2, 5]. Writes to x0 were sent to a register of their own when the instruction
// was decoded into the code cache, so no meaning needs to look for them.
#pragma once

#include "base/bits.hpp"
#include "hart/hart.hpp"
#include "hart/semantics/flow.hpp"

namespace hartlab::semantics {

inline std::uint64_t& rd(Hart& h, const Instruction& i) { return h.state.x[i.rd]; }
inline std::uint64_t rs1(const Hart& h, const Instruction& i) { return h.state.x[i.rs1]; }
inline std::uint64_t rs2(const Hart& h, const Instruction& i) { return h.state.x[i.rs2]; }
inline std::int64_t srs1(const Hart& h, const Instruction& i) { return static_cast<std::int64_t>(rs1(h, i)); }
inline std::int64_t srs2(const Hart& h, const Instruction& i) { return static_cast<std::int64_t>(rs2(h, i)); }
inline std::uint64_t imm(const Instruction& i) { return static_cast<std::uint64_t>(std::int64_t{i.imm}); }
inline std::uint32_t word1(const Hart& h, const Instruction& i) { return static_cast<std::uint32_t>(rs1(h, i)); }
inline std::uint32_t word2(const Hart& h, const Instruction& i) { return static_cast<std::uint32_t>(rs2(h, i)); }
inline std::int32_t sword1(const Hart& h, const Instruction& i) { return static_cast<std::int32_t>(rs1(h, i)); }
inline std::int32_t sword2(const Hart& h, const Instruction& i) { return static_cast<std::int32_t>(rs2(h, i)); }
inline std::uint64_t from_signed(std::int64_t v) { return static_cast<std::uint64_t>(v); }

// constants and jumps
inline void lui(Hart& h, const Instruction& i) { rd(h, i) = imm(i); }
inline void auipc(Hart& h, const Instruction& i) { rd(h, i) = h.state.pc + imm(i); }
inline Target jal(Hart& h, const Instruction& i) {
    rd(h, i) = h.state.pc + i.length;
    return {h.state.pc + imm(i)};
}
inline Target jalr(Hart& h, const Instruction& i) {
    const std::uint64_t target = (rs1(h, i) + imm(i)) & ~std::uint64_t{1};
    rd(h, i) = h.state.pc + i.length;
    return {target};
}

// branches
inline Taken beq(Hart& h, const Instruction& i) { return taken_if(rs1(h, i) == rs2(h, i)); }
inline Taken bne(Hart& h, const Instruction& i) { return taken_if(rs1(h, i) != rs2(h, i)); }
inline Taken blt(Hart& h, const Instruction& i) { return taken_if(srs1(h, i) < srs2(h, i)); }
inline Taken bge(Hart& h, const Instruction& i) { return taken_if(srs1(h, i) >= srs2(h, i)); }
inline Taken bltu(Hart& h, const Instruction& i) { return taken_if(rs1(h, i) < rs2(h, i)); }
inline Taken bgeu(Hart& h, const Instruction& i) { return taken_if(rs1(h, i) >= rs2(h, i)); }

// register and immediate
inline void addi(Hart& h, const Instruction& i) { rd(h, i) = rs1(h, i) + imm(i); }
inline void slti(Hart& h, const Instruction& i) { rd(h, i) = srs1(h, i) < i.imm; }
inline void sltiu(Hart& h, const Instruction& i) { rd(h, i) = rs1(h, i) < imm(i); }
inline void xori(Hart& h, const Instruction& i) { rd(h, i) = rs1(h, i) ^ imm(i); }
inline void ori(Hart& h, const Instruction& i) { rd(h, i) = rs1(h, i) | imm(i); }
inline void andi(Hart& h, const Instruction& i) { rd(h, i) = rs1(h, i) & imm(i); }
inline void slli(Hart& h, const Instruction& i) { rd(h, i) = rs1(h, i) << i.imm; }
inline void srli(Hart& h, const Instruction& i) { rd(h, i) = rs1(h, i) >> i.imm; }
inline void srai(Hart& h, const Instruction& i) { rd(h, i) = from_signed(srs1(h, i) >> i.imm); }
inline void addiw(Hart& h, const Instruction& i) { rd(h, i) = sext32(rs1(h, i) + imm(i)); }
inline void slliw(Hart& h, const Instruction& i) { rd(h, i) = sext32(word1(h, i) << i.imm); }
inline void srliw(Hart& h, const Instruction& i) { rd(h, i) = sext32(word1(h, i) >> i.imm); }
inline void sraiw(Hart& h, const Instruction& i) { rd(h, i) = from_signed(sword1(h, i) >> i.imm); }

// register and register
inline void add(Hart& h, const Instruction& i) { rd(h, i) = rs1(h, i) + rs2(h, i); }
inline void sub(Hart& h, const Instruction& i) { rd(h, i) = rs1(h, i) - rs2(h, i); }
inline void sll(Hart& h, const Instruction& i) { rd(h, i) = rs1(h, i) << (rs2(h, i) & 63); }
inline void slt(Hart& h, const Instruction& i) { rd(h, i) = srs1(h, i) < srs2(h, i); }
inline void sltu(Hart& h, const Instruction& i) { rd(h, i) = rs1(h, i) < rs2(h, i); }
inline void xor_(Hart& h, const Instruction& i) { rd(h, i) = rs1(h, i) ^ rs2(h, i); }
inline void srl(Hart& h, const Instruction& i) { rd(h, i) = rs1(h, i) >> (rs2(h, i) & 63); }
inline void sra(Hart& h, const Instruction& i) { rd(h, i) = from_signed(srs1(h, i) >> (rs2(h, i) & 63)); }
inline void or_(Hart& h, const Instruction& i) { rd(h, i) = rs1(h, i) | rs2(h, i); }
inline void and_(Hart& h, const Instruction& i) { rd(h, i) = rs1(h, i) & rs2(h, i); }
inline void addw(Hart& h, const Instruction& i) { rd(h, i) = sext32(rs1(h, i) + rs2(h, i)); }
inline void subw(Hart& h, const Instruction& i) { rd(h, i) = sext32(rs1(h, i) - rs2(h, i)); }
inline void sllw(Hart& h, const Instruction& i) { rd(h, i) = sext32(word1(h, i) << (rs2(h, i) & 31)); }
inline void srlw(Hart& h, const Instruction& i) { rd(h, i) = sext32(word1(h, i) >> (rs2(h, i) & 31)); }
inline void sraw(Hart& h, const Instruction& i) { rd(h, i) = from_signed(sword1(h, i) >> (rs2(h, i) & 31)); }

// Memory is sequentially consistent and decoded code follows every store, so both fences order what is ordered already.
inline void fence(Hart&, const Instruction&) {}
inline void fence_i(Hart&, const Instruction&) {}

}  // namespace hartlab::semantics
