"""What the Judge metric is made of: rubrics, prompts, replies, and the rows and findings that replies become."""
