// Ctrl-C while the engine works without the GIL: a poll that the engine calls often and that looks at Python's signals
// some fifty times a second. Python runs signal handlers on its main thread alone, so elsewhere the poll says no.
#pragma once

#include <cstdint>

namespace hartlab::bindings {

/// Call with the GIL, on the thread that is about to work: notes whether signals concern it.
void begin_polling();

/// True when a signal handler has raised; the Python exception is then set and must be passed on with rethrow_signal().
/// Takes the GIL for the moment of looking.
bool signal_pending();

/// Throws the exception that a signal handler left behind, if there is one. Call with the GIL.
void rethrow_signal();

}  // namespace hartlab::bindings
