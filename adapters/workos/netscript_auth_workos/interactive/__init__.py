"""AuthKit sign-in through us: sessions of our own, whose tokens stay with us."""
