"""Pure functions of strings: tokenizers, sentence splitting, normalisation, quantities."""
