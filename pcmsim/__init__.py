"""pcmsim: train neural networks on simulated arrays of phase-change memory."""
