"""What trust_kernels.py is made of: the proofs to show and the systems that judge them."""
