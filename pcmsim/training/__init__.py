"""Backpropagation on an array: settings become what the kernels read, and examples are shown."""
