// What Python holds of a machine or a kernel: the object itself, whether it has been closed, and who is using it.
//
// Every binding reaches the engine through handle.machine() or handle.kernel(), which refuse when the object is closed
// or at work on another thread; calls that release the GIL hold a Running while they do.
// All of this is read and written under the GIL, so none of it needs a lock.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "kernel/kernel.hpp"
#include "machine/machine.hpp"

namespace hartlab::bindings {

class Handle {
public:
    explicit Handle(const char* noun) : noun_(noun), owner_(this) {}
    /// One that stands for a part of what `owner` holds, and is open and busy as that is.
    explicit Handle(Handle& owner) : noun_(owner.noun_), owner_(&owner) {}
    virtual ~Handle() = default;
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    /// Throws RuntimeError when closed or busy.
    Machine& machine() {
        require_idle();
        return *owner_->machine_or_null();
    }
    /// The hart that this stands for: of a whole machine the first.
    Hart& hart() { return machine().hart(hart_number()); }
    virtual std::size_t hart_number() const { return 0; }

    /// Throws RuntimeError unless the caller may use the engine now.
    void require_idle() const;
    bool closed() const { return owner_->closed_; }
    /// Whether a call is at work, or someone holds a claim.
    bool running() const { return owner_->running_ || owner_->claims_ > 0; }
    /// Gives the engine's memory back; views of RAM keep theirs. Every later use raises.
    void close();

    /// Throws RuntimeError in a call of a replaced function, which is atomic: `what` has to wait until it has returned.
    virtual void require_outside_seam(const char* /*what*/) const {}

    /// For the time in which a replaced function is performed in Python: this thread may look, and others may not.
    class InSeam {
    public:
        explicit InSeam(Handle& handle);
        ~InSeam();
        InSeam(const InSeam&) = delete;
        InSeam& operator=(const InSeam&) = delete;

    private:
        Handle& handle_;
        bool running_;
        std::thread::id claimed_by_;
    };

    /// Keeps other threads out across several calls of this one; nests.
    void claim();
    void release_claim();

    /// Ends the run in progress, if there is one. From any thread that holds the GIL.
    void stop() {
        if (!closed_ && (running_ || claims_ > 0)) machine_or_null()->stop();
    }

    /// Marks the engine as at work, for a call that gives up the GIL meanwhile.
    class Running {
    public:
        explicit Running(Handle& handle);
        ~Running() {
            handle_.running_ = false;
            handle_.forget_stop();
        }
        Running(const Running&) = delete;
        Running& operator=(const Running&) = delete;

    private:
        Handle& handle_;
    };

protected:
    virtual Machine* machine_or_null() = 0;
    virtual void destroy() = 0;

private:
    /// A stop() that came too late for the run that it was meant for does not end the next one.
    void forget_stop() {
        if (!closed_ && !running_ && claims_ == 0) machine_or_null()->clear_stop();
    }

    const char* noun_;  // "kernel" or "machine", for messages
    Handle* owner_;     // whose the rest is
    bool closed_ = false;
    bool running_ = false;
    int claims_ = 0;
    std::thread::id claimed_by_;
};

class MachineHandle final : public Handle {
public:
    explicit MachineHandle(const MachineConfig& config) : MachineHandle(std::make_unique<Machine>(config)) {}
    explicit MachineHandle(std::unique_ptr<Machine> machine) : Handle("machine"), machine_(std::move(machine)) {}

protected:
    Machine* machine_or_null() override { return machine_.get(); }
    void destroy() override { machine_.reset(); }

private:
    std::unique_ptr<Machine> machine_;
};

/// One hart of a machine, in the place of the first. The machine must outlive it.
class HartHandle final : public Handle {
public:
    HartHandle(Handle& machine, std::size_t number) : Handle(machine), number_(number) {}
    std::size_t hart_number() const override { return number_; }

protected:
    Machine* machine_or_null() override { return nullptr; }  // it is the owner that has one
    void destroy() override {}

private:
    std::size_t number_;
};

class KernelHandle final : public Handle {
public:
    explicit KernelHandle(const KernelConfig& config);
    explicit KernelHandle(std::unique_ptr<Kernel> kernel);

    /// Throws RuntimeError when closed or busy.
    Kernel& kernel() {
        require_idle();
        return *kernel_;
    }

    void require_outside_seam(const char* what) const override;

protected:
    Machine* machine_or_null() override { return &kernel_->machine(); }
    void destroy() override { kernel_.reset(); }

private:
    std::unique_ptr<Kernel> kernel_;
};

}  // namespace hartlab::bindings
