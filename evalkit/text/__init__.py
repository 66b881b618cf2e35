"""Pure functions of strings: tokenizers, sentence splitting, normalization, quantities."""
