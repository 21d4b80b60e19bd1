"""The kernel model, function by function and call by call, against its contracts and the oracles."""
