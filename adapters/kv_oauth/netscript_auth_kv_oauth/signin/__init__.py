"""The two halves of a sign-in, and what is kept between them."""
