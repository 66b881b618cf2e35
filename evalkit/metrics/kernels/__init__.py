"""Fast, exact segment statistics: the same integers as sacrebleu and rouge-score, from compiled loops and numpy.

==================  ===============================================================================================
``routing``         when compiled loops pay, and plain code until then
``segment_rows``    what all sources of rows share
``tokens``          texts as numbers: code points, tokenizers, vocabularies
``ngrams``          BLEU and chrF
``rouge``           ROUGE-1, -2, -L and -Lsum, the last two with rapidfuzz
``ter``             TER, without compiled loops with rapidfuzz
``*_loops``         what numba compiles; ``jit`` is the only module that imports numba
==================  ===============================================================================================
"""
