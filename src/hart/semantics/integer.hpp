// RV64I but for loads and stores [unpriv 2, 5]. Writes to x0 were sent to a register of their own when the instruction
// was put into its slot, so no meaning needs to look for them. What needs its own address is given it as `pc`.
#pragma once

#include "base/bits.hpp"
#include "hart/hart.hpp"
#include "hart/semantics/flow.hpp"

namespace hartlab::semantics {

inline std::uint64_t& rd(Hart& h, const Slot& i) { return h.state.x[i.rd]; }
inline std::uint64_t rs1(const Hart& h, const Slot& i) { return h.state.x[i.rs1]; }
inline std::uint64_t rs2(const Hart& h, const Slot& i) { return h.state.x[i.rs2]; }
inline std::int64_t srs1(const Hart& h, const Slot& i) { return static_cast<std::int64_t>(rs1(h, i)); }
inline std::int64_t srs2(const Hart& h, const Slot& i) { return static_cast<std::int64_t>(rs2(h, i)); }
inline std::uint64_t imm(const Slot& i) { return static_cast<std::uint64_t>(std::int64_t{i.imm}); }
inline std::uint32_t word1(const Hart& h, const Slot& i) { return static_cast<std::uint32_t>(rs1(h, i)); }
inline std::uint32_t word2(const Hart& h, const Slot& i) { return static_cast<std::uint32_t>(rs2(h, i)); }
inline std::int32_t sword1(const Hart& h, const Slot& i) { return static_cast<std::int32_t>(rs1(h, i)); }
inline std::int32_t sword2(const Hart& h, const Slot& i) { return static_cast<std::int32_t>(rs2(h, i)); }
inline std::uint64_t from_signed(std::int64_t v) { return static_cast<std::uint64_t>(v); }

// constants and jumps
inline void lui(Hart& h, const Slot& i) { rd(h, i) = imm(i); }
inline void auipc(Hart& h, const Slot& i, std::uint64_t pc) { rd(h, i) = pc + imm(i); }
inline Target jal(Hart& h, const Slot& i, std::uint64_t pc) {
    rd(h, i) = pc + i.length;
    return {pc + imm(i)};
}
inline Target jalr(Hart& h, const Slot& i, std::uint64_t pc) {
    const std::uint64_t target = (rs1(h, i) + imm(i)) & ~std::uint64_t{1};
    rd(h, i) = pc + i.length;
    return {target};
}

// branches
inline Taken beq(Hart& h, const Slot& i) { return taken_if(rs1(h, i) == rs2(h, i)); }
inline Taken bne(Hart& h, const Slot& i) { return taken_if(rs1(h, i) != rs2(h, i)); }
inline Taken blt(Hart& h, const Slot& i) { return taken_if(srs1(h, i) < srs2(h, i)); }
inline Taken bge(Hart& h, const Slot& i) { return taken_if(srs1(h, i) >= srs2(h, i)); }
inline Taken bltu(Hart& h, const Slot& i) { return taken_if(rs1(h, i) < rs2(h, i)); }
inline Taken bgeu(Hart& h, const Slot& i) { return taken_if(rs1(h, i) >= rs2(h, i)); }

// register and immediate
inline void addi(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) + imm(i); }
inline void slti(Hart& h, const Slot& i) { rd(h, i) = srs1(h, i) < i.imm; }
inline void sltiu(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) < imm(i); }
inline void xori(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) ^ imm(i); }
inline void ori(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) | imm(i); }
inline void andi(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) & imm(i); }
inline void slli(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) << i.imm; }
inline void srli(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) >> i.imm; }
inline void srai(Hart& h, const Slot& i) { rd(h, i) = from_signed(srs1(h, i) >> i.imm); }
inline void addiw(Hart& h, const Slot& i) { rd(h, i) = sext32(rs1(h, i) + imm(i)); }
inline void slliw(Hart& h, const Slot& i) { rd(h, i) = sext32(word1(h, i) << i.imm); }
inline void srliw(Hart& h, const Slot& i) { rd(h, i) = sext32(word1(h, i) >> i.imm); }
inline void sraiw(Hart& h, const Slot& i) { rd(h, i) = from_signed(sword1(h, i) >> i.imm); }

// register and register
inline void add(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) + rs2(h, i); }
inline void sub(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) - rs2(h, i); }
inline void sll(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) << (rs2(h, i) & 63); }
inline void slt(Hart& h, const Slot& i) { rd(h, i) = srs1(h, i) < srs2(h, i); }
inline void sltu(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) < rs2(h, i); }
inline void xor_(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) ^ rs2(h, i); }
inline void srl(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) >> (rs2(h, i) & 63); }
inline void sra(Hart& h, const Slot& i) { rd(h, i) = from_signed(srs1(h, i) >> (rs2(h, i) & 63)); }
inline void or_(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) | rs2(h, i); }
inline void and_(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) & rs2(h, i); }
inline void addw(Hart& h, const Slot& i) { rd(h, i) = sext32(rs1(h, i) + rs2(h, i)); }
inline void subw(Hart& h, const Slot& i) { rd(h, i) = sext32(rs1(h, i) - rs2(h, i)); }
inline void sllw(Hart& h, const Slot& i) { rd(h, i) = sext32(word1(h, i) << (rs2(h, i) & 31)); }
inline void srlw(Hart& h, const Slot& i) { rd(h, i) = sext32(word1(h, i) >> (rs2(h, i) & 31)); }
inline void sraw(Hart& h, const Slot& i) { rd(h, i) = from_signed(sword1(h, i) >> (rs2(h, i) & 31)); }

// Memory is sequentially consistent and decoded code follows every store, so both fences order what is ordered already.
inline void fence(Hart&, const Slot&) {}
inline void fence_i(Hart&, const Slot&) {}

}  // namespace hartlab::semantics
