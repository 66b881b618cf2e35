"""The parts of the Judge metric: rubrics, prompts, replies, and the conversion of replies to rows and findings."""
