"""What ``netscript generate plugins`` writes: registries, and the descriptors of own plugins."""
