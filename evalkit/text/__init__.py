"""Text processing: tokenizers, sentences, normalization, and the extraction of quantities, terms, names and key facts."""
