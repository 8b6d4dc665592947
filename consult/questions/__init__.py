"""Questions that an institution puts, and their answers: one implementation for every form that has them."""
