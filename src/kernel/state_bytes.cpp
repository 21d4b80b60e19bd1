#include "kernel/state_bytes.hpp"

#include "machine/state_bytes.hpp"

namespace hartlab {

void write_state(ByteWriter& bytes, const KernelState& state) {
    write_state(bytes, state.machine);
    ConsoleLog console = state.console;
    FileRegistry files = state.files;
    ExitLog exits = state.exits;
    BootStage booted = state.booted;
    bytes(console, files, exits, booted);
}

KernelState read_kernel_state(ByteReader& bytes, const MachineConfig& config) {
    KernelState state;
    state.machine = read_state(bytes, config, 0);
    bytes(state.console, state.files, state.exits, state.booted);
    require(state.console.whole(), "more is on the console than is kept");
    require(state.files.whole(), "a file has no name that it could");
    require(state.exits.whole(), "more processes have ended than is kept");
    require(state.booted <= BootStage::userinit, "the kernel is in no stage of booting");
    return state;
}

}  // namespace hartlab
