"""The board that `Machine` is: QEMU's virt, with what it tells firmware about itself."""
