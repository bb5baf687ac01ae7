"""Parts of the documentation that are made from the code: ``scripts/docs`` writes them."""
