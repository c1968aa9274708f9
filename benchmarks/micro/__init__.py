"""Speed of single kernels, beside the plain loops whose answers they must equal."""
